// node scripts/require-packages.mjs chromium …: checks that binaries are installed. Debian's packages are named like them,
// unless listed here.
// As root, it installs missing packages; otherwise it prints what to install and exits with 1.
import { spawnSync } from 'node:child_process';

const PACKAGES = { kubectl: 'kubernetes-client', promtool: 'prometheus', zbarimg: 'zbar-tools' };

// Servers are in /usr/sbin, which is not on the PATH of other users than root.
const has = (binary) => spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin" command -v ${binary}`]).status === 0;
const run = (command, args) =>
  spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

const missing = process.argv.slice(2).filter((name) => !has(name));
if (missing.length > 0) {
  const packages = missing.map((binary) => PACKAGES[binary] ?? binary);
  const byHand = `apt-get install ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !has('apt-get')) {
    console.error(`The tests need ${missing.join(' and ')}. Install first, on Debian with: ${byHand}`);
    process.exit(1);
  }
  console.error(`Installing ${packages.join(', ')} …`);
  const installed =
    run('apt-get', ['update', '-qq']) &&
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  if (!installed || !missing.every(has)) {
    console.error(`Installation failed. Try manually: ${byHand}`);
    process.exit(1);
  }
}
