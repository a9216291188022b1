// node scripts/require-packages.mjs chromium …: checks that Debian packages, named like their binaries, are installed.
// As root, it installs missing packages; otherwise it prints what to install and exits with 1.
import { spawnSync } from 'node:child_process';

const has = (binary) => spawnSync('sh', ['-c', `command -v ${binary}`]).status === 0;
const run = (command, args) =>
  spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

const missing = process.argv.slice(2).filter((name) => !has(name));
if (missing.length > 0) {
  const byHand = `apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !has('apt-get')) {
    console.error(`The tests need ${missing.join(' and ')}. Install first, on Debian with: ${byHand}`);
    process.exit(1);
  }
  console.error(`Installing ${missing.join(', ')} …`);
  const installed =
    run('apt-get', ['update', '-qq']) &&
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing]);
  if (!installed || !missing.every(has)) {
    console.error(`Installation failed. Try manually: ${byHand}`);
    process.exit(1);
  }
}
