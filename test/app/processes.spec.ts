import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { GLOBEX, GLOBEX_KEY } from '../support/gateway.js';
import { GATEWAY_LINE, Program, SANDBOX_OF_GATEWAY } from '../support/program.js';
import { SandboxControl } from '../support/sandbox-control.js';

const FREE = { PORT: '0', MANAGEMENT_PORT: '0', SANDBOX_PORT: '0' };
const PRODUCTION = {
  PORT: '0',
  MANAGEMENT_PORT: '0',
  SINGLE_INSTANCE: 'true',
  API_KEY_PEPPER: 'a pepper of a good length, for tests',
  CAMS_ACCESS_KEY_ID: 'id',
  CAMS_ACCESS_KEY_SECRET: 'secret',
  CAMS_ENDPOINT: 'http://127.0.0.1:1',
};
type Command = readonly [command: string, ...args: string[]];

const START: Command = [process.execPath, 'scripts/run.mjs', 'start'];
const START_PROD: Command = [process.execPath, 'scripts/run.mjs', 'start:prod'];

const folder = mkdtempSync(join(tmpdir(), 'gateway-processes-'));
const tenants = join(folder, 'tenants.yaml');
writeFileSync(tenants, 'tenants: []\n');
afterAll(() => rmSync(folder, { recursive: true }));

const started: Program[] = [];
afterEach(async () => {
  for (const program of started.splice(0)) if (program.ended === undefined) await program.end('SIGKILL');
});

function start(command: Command, settings: Record<string, string> = FREE, cwd?: string): Program {
  const program = new Program(command, settings, cwd === undefined ? {} : { cwd });
  started.push(program);
  return program;
}

const endOf = (program: Program): Promise<string> => eventually(async () => program.ended);

/** Resolves when nothing listens at the URL. */
async function isClosed(url: string): Promise<void> {
  const answers = (): Promise<boolean> =>
    fetch(url).then(
      () => true,
      () => false,
    );
  await eventually(async () => ((await answers()) ? undefined : true));
}

describe('a gateway that npm started', () => {
  // Not SIGINT: Ctrl+C reaches all processes of a terminal, and shells ignore it while a command runs.
  it.each(['SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGQUIT'] as const)('ends when npm gets %s', async (signal) => {
    const npm = start(['npm', 'run', 'start:prod'], { ...PRODUCTION, TENANTS_FILE: tenants });
    const url = await npm.said(GATEWAY_LINE);
    expect((await fetch(`${url}/docs/errors`)).status).toBe(200);
    npm.signal(signal);
    await isClosed(url);
  });
});

describe('a gateway whose npm goes on', () => {
  const settings = { ...PRODUCTION, TENANTS_FILE: tenants, npm_lifecycle_event: 'start' };

  it.each([
    ['npm, with a shell between them', "--title='npm start'", 'node scripts/run.mjs start:prod; true'],
    ['npm, whose shell is replaced', "--title='npm start'", 'exec node scripts/run.mjs start:prod'],
    ['a daemon that npm started long ago', "--title='daemon'", 'exec node dist/main.js'],
  ])('runs on when what started npm ends: %s', async (_, title, script) => {
    const log = join(folder, `${script.length}.log`);
    const spawned = `console.log(process.pid); child_process.spawn("sh", ["-c", "${script}"], { stdio: "inherit" })`;
    const until = `until grep -q '"started"' ${log}; do sleep 0.1; done`;
    const session = start(['sh', '-c', `node ${title} -e '${spawned}' > ${log} 2>&1 & ${until}`], settings);
    expect(await endOf(session)).toContain('ended with 0');
    const text = readFileSync(log, 'utf8');
    const url = String(GATEWAY_LINE.exec(text)?.[1]);
    // Longer than the gateway needs to notice that its parent has ended.
    await sleep(1_500);
    expect((await fetch(`${url}/docs/errors`)).status).toBe(200);
    const npm = Number(/^\d+/.exec(text)?.[0]);
    for (const pid of [...childrenOf(npm), npm]) process.kill(pid, 'SIGKILL');
    await isClosed(url);
  });
});

/** Returns the descendants of a process, the latest first. */
function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(Number)
    .flatMap((child) => [...childrenOf(child), child]);
}

describe('a second signal', () => {
  const GROUPS = `/v1/spaces/${GLOBEX.custSpaceId}/numbers/${GLOBEX.businessNumber}/groups`;
  const listed = async (sandbox: SandboxControl): Promise<true | undefined> =>
    (await sandbox.callsOf(GLOBEX.custSpaceId, 'ListChatGroup')).length > 0 ? true : undefined;

  it('that arrives with the first one, as Ctrl+C does with npm, does not end requests in flight', async () => {
    const gateway = start(START, { ...FREE, LOG_LEVEL: 'info' });
    const url = await gateway.said(GATEWAY_LINE);
    const sandbox = new SandboxControl(await gateway.said(SANDBOX_OF_GATEWAY));
    await sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 1_000 });
    const slow = fetch(`${url}${GROUPS}`, { headers: { 'x-api-key': GLOBEX_KEY } });
    await eventually(() => listed(sandbox));
    gateway.signal('SIGINT');
    gateway.signal('SIGINT');
    expect((await slow).status).toBe(200);
    expect(await endOf(gateway)).toContain('ended with 0');
  });

  it('ends it at once if it comes later', async () => {
    const gateway = start(START);
    const url = await gateway.said(GATEWAY_LINE);
    const sandbox = new SandboxControl(await gateway.said(SANDBOX_OF_GATEWAY));
    await sandbox.fault({ kind: 'hang', action: 'ListChatGroup' });
    const hanging = fetch(`${url}${GROUPS}`, { headers: { 'x-api-key': GLOBEX_KEY } }).catch(() => undefined);
    await eventually(() => listed(sandbox));
    gateway.signal('SIGTERM');
    await sleep(1_200);
    gateway.signal('SIGTERM');
    expect(await endOf(gateway)).toContain('ended with 1');
    expect(await hanging).toBeUndefined();
  });
});

describe('the launcher', () => {
  it('is replaced by its program, which gets the signals and the settings of production', async () => {
    const gateway = start(START_PROD, { ...PRODUCTION, TENANTS_FILE: tenants, NODE_ENV: 'test' });
    await gateway.said(GATEWAY_LINE);
    const processOf = (name: string): string => readFileSync(`/proc/${gateway.pid}/${name}`, 'utf8');
    expect(processOf('cmdline')).toMatch(/--max-semi-space-size=16.*dist\/main\.js/);
    expect(processOf('environ')).toMatch(/NODE_ENV=production\0/);
    expect(processOf('environ')).toMatch(/MALLOC_ARENA_MAX=1\0/);
    gateway.signal('SIGTERM');
    expect(await endOf(gateway)).toContain('ended with 0');
  });

  it('lists what it can start', async () => {
    const ended = await endOf(start([process.execPath, 'scripts/run.mjs', 'toString']));
    expect(ended).toContain('ended with 1: Usage: node scripts/run.mjs start|start:prod|sandbox|keys');
  });

  it('reads .env, which the environment overrides', async () => {
    const copy = join(folder, 'copy');
    for (const part of ['package.json', 'scripts', 'dist', 'config'])
      cpSync(part, join(copy, part), { recursive: true });
    symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(join(copy, '.env'), 'CACHE_FRESH_MS=1234\nCACHE_SETTLE_MS=1\nPORT=x\n');
    const gateway = start(START, { ...FREE, CACHE_SETTLE_MS: '2' }, copy);
    await gateway.said(GATEWAY_LINE);
    expect(gateway.output).toMatch(/"settings":{[^}]*"CACHE_SETTLE_MS":"2"/);
    expect(gateway.output).toMatch(/"settings":{[^}]*"CACHE_FRESH_MS":"1234"/);
  });
});

describe('SIGHUP', () => {
  it('reloads the tenants file and logs the result', async () => {
    const file = join(folder, 'reloaded.yaml');
    writeFileSync(file, 'tenants: []\n');
    const gateway = start(START_PROD, { ...PRODUCTION, TENANTS_FILE: file });
    const url = await gateway.said(GATEWAY_LINE);
    gateway.signal('SIGHUP');
    await gateway.said(/(reloaded the tenants file: nothing has changed)/);
    expect((await fetch(`${url}/docs/errors`)).status).toBe(200);
  });

  it('ends the gateway if its terminal is gone', async () => {
    const log = join(folder, 'log');
    // Only its standard input is the terminal: it could not write to a terminal that is gone.
    const terminal = start(['script', '-qec', `${START.join(' ')} > ${log}`, '/dev/null']);
    const url = await eventually(async () =>
      existsSync(log) ? GATEWAY_LINE.exec(readFileSync(log, 'utf8'))?.[1] : undefined,
    );
    expect((await fetch(`${url}/docs/errors`)).status).toBe(200);
    terminal.signal('SIGKILL');
    await isClosed(url);
  });
});

describe('a version of Node that is too old', () => {
  const old = `data:text/javascript,${encodeURIComponent(
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.14.0' } });",
  )}`;

  it.each([
    ['main.js', 'dist/main.js'],
    ['the sandbox', 'dist/cli/sandbox.js'],
    ['the command for keys', 'dist/cli/keys.js'],
  ])('is named in one line by %s', async (_, file) => {
    const ended = await endOf(start([process.execPath, '--import', old, file]));
    expect(ended).toContain(
      `ended with 78: Node.js 22.15 or later is required, but ${process.execPath} is 22.14.0.\n`,
    );
  });
});

it('has scripts that work in every shell', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  // cmd.exe knows `&&` and double quotes, but not variables before a command, single quotes, `;`, globs and so on.
  const wrong = Object.entries(scripts).filter(([, script]) =>
    /(?:^|&& *)\w+=|['`$;|<>*~]|(?:^|&& *)(?:exec|rm|cp|mv|cat|export|test|\.)\b/.test(
      script.replace(/"[^"]*"/g, ''),
    ),
  );
  expect(wrong).toEqual([]);
});

it('makes keys without touching the build', () => {
  const before = readFileSync('dist/main.js', 'utf8');
  const { stdout, status } = spawnSync(
    'npm',
    ['run', 'keys', '--', '--tenant', 'acme', '--permissions', 'groups:read'],
    {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    },
  );
  expect([status, stdout]).toEqual([0, expect.stringMatching(/ {2}cgk_acme-\w+\.\S{43}\n/)]);
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  expect([readFileSync('dist/main.js', 'utf8'), scripts['prekeys']]).toEqual([before, undefined]);
});

it('connections that arrive while the gateway is busy wait to be accepted', async () => {
  const gateway = start(START, FREE);
  const { hostname, port } = new URL(await gateway.said(GATEWAY_LINE));
  gateway.signal('SIGSTOP');
  let connected = 0;
  const sockets = Array.from({ length: 1_000 }, () =>
    connect(Number(port), hostname, () => (connected += 1)).on('error', () => undefined),
  );
  expect(await eventually(async () => connected === sockets.length || undefined)).toBe(true);
  for (const socket of sockets) socket.destroy();
  gateway.signal('SIGCONT');
});
