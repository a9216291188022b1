import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ACME_KEY } from '../support/gateway.js';

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
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  );
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
  API_KEY_PEPPER: 'a pepper of some length',
  CAMS_ACCESS_KEY_ID: 'id',
  CAMS_ACCESS_KEY_SECRET: 'secret',
};

function tenantsFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('npm start', () => {
  it('prints the URLs to open and a working curl command', async () => {
    const gateway = run('main.js', FREE);
    await gateway.line(/groups\?size=3'/);
    const url = (await gateway.line(/http:\/\/127\.0\.0\.1:\d+\/v1\S+size=3/)).trim();
    const answer = await fetch(url, { headers: { authorization: `Bearer ${ACME_KEY}` } });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { data: unknown[] }).data).toHaveLength(3);
    gateway.kill('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
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
    await gateway.line(/Gateway\s+http\S+/);
    gateway.kill('SIGTERM');
    const { code, stdout } = await gateway.ended;
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/sandbox/i);
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
});

it('reports clearly that its port is in use', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  const { code, stderr } = await run('main.js', { ...FREE, PORT: String(port) }).ended;
  other.close();
  expect(code).toBe(1);
  expect(stderr).toContain('EADDRINUSE');
  expect(stderr).not.toMatch(/\n\s+at /);
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
  const settings = /^ENV (.*)$/m.exec(image)?.[1]?.split(' ') ?? [];
  const command = JSON.parse(/^CMD (.*)$/m.exec(image)?.[1] ?? '[]') as string[];
  const words = scripts['start:prod']?.split(' ') ?? [];
  const node = words.indexOf('node');
  expect(settings).toEqual(expect.arrayContaining(words.slice(0, node)));
  expect(command).toEqual(words.slice(node));
});
