import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestSandbox } from '../support/sandbox-rpc.js';

const ROOT = new URL('../../', import.meta.url).pathname;

/** The output and exit code of a process. */
interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('the sandbox as a separate process', () => {
  // Inside the project, so that its dependencies resolve.
  let built: string;
  beforeAll(async () => {
    built = await mkdtemp(join(ROOT, 'node_modules', '.sandbox-'));
    const swc = join(ROOT, 'node_modules', '.bin', 'swc');
    await promisify(execFile)(swc, ['src', '-d', built, '--strip-leading-paths'], { cwd: ROOT });
    await writeFile(join(built, 'package.json'), '{"type":"module"}');
  });
  afterAll(async () => rm(built, { recursive: true, force: true }));

  const start = (
    settings: Record<string, string>,
  ): { child: ChildProcess; ended: Promise<Ended>; text: () => string } => {
    const child = spawn(process.execPath, [join(built, 'cli/sandbox.js')], {
      cwd: ROOT,
      env: { ...settings },
    });
    const texts = { out: '', err: '' };
    child.stdout?.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
    const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...texts })));
    return { child, ended, text: () => texts.out };
  };

  it.each(['SIGTERM', 'SIGINT'] as const)('prints its URL, responds, and exits on %s', async (signal) => {
    const { child, ended, text } = start({ SANDBOX_PORT: '0' });
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', () => text().includes('http500') && resolve());
    });
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text())?.[0];
    expect(text()).toContain('sandbox / sandbox-secret');
    expect((await fetch(`${url}/__sandbox__/calls`)).status).toBe(200);
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0, err: '' });
  });

  it('names every invalid setting and exits with 78', async () => {
    const { code, err } = await start({ SANDBOX_PORT: 'x', SANDBOX_QPS: '0' }).ended;
    expect(code).toBe(78);
    expect(err.trim().split('\n')).toEqual([
      expect.stringContaining('SANDBOX_PORT'),
      expect.stringContaining('SANDBOX_QPS'),
    ]);
  });

  it('reports in one line that its port is in use', async () => {
    const other = await startTestSandbox();
    const { port } = new URL(other.url);
    const { code, err } = await start({ SANDBOX_PORT: port }).ended;
    await other.close();
    expect(code).toBe(1);
    expect(err).toBe(`The sandbox's port ${port} is in use. Set SANDBOX_PORT to another port.\n`);
  });
});
