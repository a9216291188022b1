import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** Below the time limit of a test, to report what a process that does not start or stop has printed so far. */
const STUCK_MS = 50_000;
const folder = mkdtempSync(join(tmpdir(), 'gateway-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  /** Resolves with the first line of standard output that matches. */
  line(pattern: RegExp): Promise<string>;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

/** Runs the built gateway with only these settings. */
function run(script: string, settings: Record<string, string>): Started {
  const child = spawn(process.execPath, [`dist/${script}`], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const looks = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const look of looks) look();
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    const stuck = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The process is stuck. It printed: ${stdout}${stderr}`));
    }, STUCK_MS);
    child.on('close', (code) => {
      clearTimeout(stuck);
      resolve({ code, stdout, stderr });
    });
  });
  return {
    ended,
    kill: (signal) => child.kill(signal),
    line: async (pattern) => {
      const found = new Promise<string>((resolve) => {
        const look = (): void => {
          const match = pattern.exec(stdout);
          if (match) resolve(match[0]);
        };
        looks.add(look);
        look();
      });
      const early = ended.then(({ code }) => {
        throw new Error(`The process exited with ${code}: ${stderr}`);
      });
      return Promise.race([found, early]);
    },
  };
}

const FREE = { PORT: '0', MANAGEMENT_PORT: '0', SANDBOX_PORT: '0' };
const PRODUCTION = {
  ...FREE,
  NODE_ENV: 'production',
  SINGLE_INSTANCE: 'true',
  API_KEY_PEPPER: 'a pepper of a good length, for tests',
  CAMS_ACCESS_KEY_ID: 'id',
  CAMS_ACCESS_KEY_SECRET: 'secret',
};

function tenantsFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('a start', () => {
  it('is logged with version, settings, accounts and tenants, and nothing but JSON on standard output', async () => {
    const gateway = run('main.js', {
      ...FREE,
      CACHE_FRESH_MS: '1000',
      CACHE_SETTLE_MS: '5000',
      API_KEY_PEPPER: 'sandbox-pepper',
      HTTPS_PROXY: 'http://user:canary@proxy.example:1',
      REDISS_URL: 'x',
      // Log lines of a start do not depend on the level.
      LOG_LEVEL: 'warn',
    });
    await gateway.line(/"msg":"started"/);
    gateway.kill('SIGTERM');
    const { code, stdout, stderr } = await gateway.ended;
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect([code, stderr]).toEqual([0, '']);
    expect(lines.find(({ msg }) => msg === 'started')).toMatchObject({
      level: 'info',
      version: '0.1.0',
      production: false,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      sandboxUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      accounts: ['default'],
      tenants: 2,
      settings: { ...FREE, CACHE_FRESH_MS: '1000', API_KEY_PEPPER: '(set)', LOG_LEVEL: 'warn' },
    });
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: 'REDISS_URL is not a setting of the gateway: did you mean REDIS_URL?',
      }),
    );
    expect(stdout).not.toMatch(/canary|successfully|sandbox-pepper/);
  });

  it('warns that without Redis its state is lost when the process exits', async () => {
    const gateway = run('main.js', FREE);
    await gateway.line(/No Redis is configured for state: .*last as long as this process/);
    gateway.kill('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
  });

  it('never starts the sandbox in production', async () => {
    const file = tenantsFile('empty.yaml', 'tenants: []\n');
    const gateway = run('main.js', { ...PRODUCTION, TENANTS_FILE: file });
    await gateway.line(/"msg":"started"/);
    gateway.kill('SIGTERM');
    const { code, stdout } = await gateway.ended;
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/sandboxUrl/i);
  });
});

describe('invalid settings', () => {
  it('are all reported at once, without a stack trace, with exit code 78', async () => {
    const { code, stderr, stdout } = await run('main.js', {
      PORT: 'http',
      CAMS_TIMEOUT_MS: '-1',
      CAMS_ENDPOINT: 'http://cams.example.com',
      CORS_ORIGINS: 'https://a.example/path',
      TRUST_PROXY: 'nobody',
      LOG_LEVEL: 'loud',
      JWT_ISSUER: 'https://issuer.example',
    }).ended;
    expect(code).toBe(78);
    const named = ['PORT', 'CAMS_TIMEOUT_MS', 'CAMS_ENDPOINT', 'CORS_ORIGINS', 'TRUST_PROXY', 'LOG_LEVEL'];
    const needed = ['JWT_AUDIENCE', 'JWT_JWKS_URL', 'TENANTS_FILE', 'API_KEY_PEPPER'];
    for (const name of [...named, ...needed]) expect(stderr).toMatch(new RegExp(`^${name} `, 'm'));
    expect(stderr + stdout).not.toMatch(/\n\s+at /);
  });

  it.each([
    ['no pepper', { API_KEY_PEPPER: '' }, 'API_KEY_PEPPER'],
    ['the sandbox pepper', { API_KEY_PEPPER: 'sandbox-pepper' }, 'API_KEY_PEPPER'],
    ['neither Redis nor SINGLE_INSTANCE', { SINGLE_INSTANCE: '' }, 'SINGLE_INSTANCE'],
    ['a cache without a state store', { REDIS_URL: 'redis://127.0.0.1:1' }, 'STATE_REDIS_URL'],
    ['half of the credentials', { CAMS_ACCESS_KEY_SECRET: '' }, 'CAMS_ACCESS_KEY_SECRET'],
  ])('prevent a start in production: %s', async (_, settings, name) => {
    const file = tenantsFile('empty.yaml', 'tenants: []\n');
    const { code, stderr } = await run('main.js', { ...PRODUCTION, TENANTS_FILE: file, ...settings }).ended;
    expect([code, stderr.trim().split(' ')[0]]).toEqual([78, name]);
  });

  it('prevent a start with CAMS elsewhere as in production, and are all reported at once', async () => {
    const { NODE_ENV: _, ...settings } = PRODUCTION;
    const { code, stderr } = await run('main.js', {
      ...settings,
      CAMS_ENDPOINT: 'cams.example.com',
      TENANTS_FILE: 'config/tenants.sandbox.yaml',
      API_KEY_PEPPER: 'a'.repeat(32),
      TRUST_PROXY: '0.0.0.0/1,128.0.0.0/1',
      REDIS_URL: 'redis://:canary@10.0.0.1',
      STATE_REDIS_URL: 'rediss://:canary@10.0.0.1',
    }).ended;
    const lines = stderr.trim().split('\n');
    expect(lines.pop()).toBe('The rules of production apply because CAMS_ENDPOINT is on another machine.');
    const names = lines.map((line) => line.split(' ')[0]);
    expect(code).toBe(78);
    expect(names).toEqual(['TRUST_PROXY', 'REDIS_URL', 'STATE_REDIS_URL', 'API_KEY_PEPPER']);
    expect(stderr).not.toContain('canary');
  });

  it('in the tenants file also prevent the start and are all reported at once', async () => {
    const file = tenantsFile(
      'faulty.yaml',
      'tenants:\n  - id: acme\n    spaces: no\n  - id: acme\n    unknown: 1\n',
    );
    const { code, stderr } = await run('main.js', { ...PRODUCTION, TENANTS_FILE: file }).ended;
    expect(code).toBe(78);
    expect(stderr.trim().split('\n').length).toBeGreaterThan(2);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each(['{ "broken"', '{}', '[]'])('in the documents file also prevent the start: %s', async (content) => {
    const file = tenantsFile('documents.json', content);
    const { code, stderr } = await run('main.js', { SANDBOX_PORT: '0', GRAPHQL_DOCUMENTS_FILE: file }).ended;
    expect([code, stderr]).toEqual([
      78,
      expect.stringMatching(/^GRAPHQL_DOCUMENTS_FILE \S+: cannot be used/),
    ]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

it.each(['JWT_JWKS_FILE', 'TENANTS_FILE', 'API_KEY_PEPPER_FILE'])(
  'does not wait for a named pipe in %s',
  async (name) => {
    const pipe = join(folder, `pipe-${name}`);
    execFileSync('mkfifo', [pipe]);
    const { code, stderr } = await run('main.js', {
      ...FREE,
      JWT_ISSUER: 'i',
      JWT_AUDIENCE: 'a',
      CACHE_X: '1',
      [name]: pipe,
    }).ended;
    // Both are read before the tenants file itself.
    expect([code, stderr]).toEqual([
      78,
      expect.stringContaining(name === 'TENANTS_FILE' ? 'CACHE_X' : 'not a regular file'),
    ]);
  },
);

describe('a port that is in use', () => {
  let other: Server;
  let port: string;
  beforeAll(async () => {
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    port = String((other.address() as AddressInfo).port);
  });
  afterAll(() => void other.close());

  it.each(['PORT', 'MANAGEMENT_PORT', 'SANDBOX_PORT'])(
    'stops the start and is told by its setting: %s',
    async (name) => {
      const { code, stderr, stdout } = await run('main.js', { ...FREE, [name]: port }).ended;
      expect(code).toBe(1);
      expect(stderr).toBe(
        `${name} ${port} is in use by another process: choose another port, or stop that process.\n`,
      );
      expect(stdout).not.toMatch(/started|successfully|listening/i);
    },
  );
});

it.each([
  ['a host that is not of this machine', { HOST: '192.0.2.1' }, 'HOST 192.0.2.1'],
  [
    'a name that does not exist',
    { MANAGEMENT_HOST: 'no-such-host.invalid', MANAGEMENT_PORT: '1' },
    'MANAGEMENT_HOST no-such-host.invalid',
  ],
])('does not listen on %s', async (_, settings, told) => {
  const { code, stderr } = await run('main.js', { ...FREE, ...settings }).ended;
  expect([code, stderr]).toEqual([1, expect.stringContaining(`${told} is not an address of this machine`)]);
});

it('runs the sandbox without the gateway', async () => {
  const sandbox = run('cli/sandbox.js', { SANDBOX_PORT: '0' });
  const url = await sandbox.line(/http:\/\/127\.0\.0\.1:\d+/);
  expect((await fetch(`${url}/__sandbox__/calls`)).status).toBe(200);
  sandbox.kill('SIGTERM');
  expect((await sandbox.ended).code).toBe(0);
});

it('starts in the Docker image with the same command as start:prod', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const image = readFileSync('Dockerfile', 'utf8');
  const command = JSON.parse(/^CMD (.*)$/m.exec(image)?.[1] ?? '[]') as string[];
  expect(command).toEqual(scripts['start:prod']?.split(' '));
  expect(image).toMatch(/^COPY .*scripts\/run\.mjs/m);
});
