// Exits with one clear line if this version of Node is older than `engines` in package.json. Entry files import this first,
// and everything else dynamically: modules that need newer features would already fail to load.
import { readFileSync } from 'node:fs';

const file = new URL('../../package.json', import.meta.url);
const { engines } = JSON.parse(readFileSync(file, 'utf8')) as { engines: { node: string } };
const required = versionIn(engines.node);
const own = versionIn(process.versions.node);
if (own.major < required.major || (own.major === required.major && own.minor < required.minor)) {
  const { major, minor } = required;
  process.stderr.write(
    `Node.js ${major}.${minor} or later is required, but ${process.execPath} is ${process.versions.node}.\n`,
  );
  // As for invalid settings (EX_CONFIG), so that a supervisor does not start it again.
  process.exit(78);
}

function versionIn(text: string): { readonly major: number; readonly minor: number } {
  const [major = 0, minor = 0] = (/\d+\.\d+/.exec(text)?.[0] ?? '').split('.').map(Number);
  return { major, minor };
}
