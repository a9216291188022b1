// Starts a built program: `node scripts/run.mjs start|start:prod|sandbox|keys [ARGUMENTS]`.
// Reads `.env` first. The program replaces this process where the system supports it, so that it has the same process ID
// and receives signals itself. Old versions of Node have to be able to parse this file.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAMS = {
  start: { file: 'dist/main.js', options: ['--enable-source-maps'], env: {} },
  'start:prod': {
    file: 'dist/main.js',
    // Keeps resident memory small and full garbage collections rare, with one thread for them per core besides the main
    // thread's, see docs/decisions/0012-less-work-per-read.md.
    options: [
      '--max-semi-space-size=16',
      '--heap-growing-percent=20',
      '--initial-old-space-size=115',
      '--v8-pool-size=0',
      '--enable-source-maps',
    ],
    env: { NODE_ENV: 'production', MALLOC_ARENA_MAX: '1' },
  },
  sandbox: { file: 'dist/cli/sandbox.js', options: ['--enable-source-maps'], env: {} },
  keys: { file: 'dist/cli/keys.js', options: [], env: {} },
};
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Builds only where nothing was built: a running gateway may still load files of an existing build. */
function requireBuild(file) {
  if (existsSync(join(root, file))) return;
  const { status } = spawnSync('npm', ['run', 'build', '--silent'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0 || !existsSync(join(root, file)))
    fail(`${file} is missing. Run npm ci && npm run build first.`);
}

/**
 * Returns the process ID of npm if it started this script, in a shell or not. Its variables alone do not tell: every
 * descendant inherits them.
 */
function npmAbove() {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  if (!existsSync('/proc/self/stat')) return process.ppid;
  return [process.ppid, parentOf(process.ppid)].find(isNpm);
}

function parentOf(pid) {
  // The name of the program, in parentheses, may contain anything.
  return Number(readProcess(pid, 'stat').split(') ').pop().split(' ')[1]);
}

function isNpm(pid) {
  return /(?:^|[/\s])(?:p?npm|npx|yarn)\b/.test(readProcess(pid, 'cmdline').replace(/\0/g, ' '));
}

function readProcess(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}

function loadSettings(file) {
  // Versions of Node that cannot read it are refused by the program itself.
  if (typeof process.loadEnvFile !== 'function' || !existsSync(file)) return;
  if (statSync(file).isFile()) process.loadEnvFile(file);
  else process.stderr.write(`${file} is ignored, because it is not a regular file.\n`);
}

function replaceProcess(args, env) {
  process.execve(process.execPath, [process.execPath, ...args], env);
}

/** For systems that cannot replace a process. */
function runChild(args, env) {
  const child = spawn(process.execPath, args, { env, stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) =>
    process.exit(code === null ? 128 + (signal === 'SIGINT' ? 2 : 15) : code),
  );
}

const [name, ...rest] = process.argv.slice(2);
const program = Object.prototype.hasOwnProperty.call(PROGRAMS, name) ? PROGRAMS[name] : undefined;
if (program === undefined) fail(`Usage: node scripts/run.mjs ${Object.keys(PROGRAMS).join('|')} [ARGUMENTS]`);
requireBuild(program.file);
loadSettings(join(root, '.env'));
const args = [...process.execArgv, ...program.options, join(root, program.file), ...rest];
const npm = npmAbove();
const env = { ...process.env, ...program.env, ...(npm !== undefined && { GATEWAY_NPM_PID: String(npm) }) };
if (typeof process.execve === 'function' && process.platform !== 'win32') replaceProcess(args, env);
else runChild(args, env);
