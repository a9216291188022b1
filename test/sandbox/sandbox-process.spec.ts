import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Program, SANDBOX_LINE } from '../support/program.js';
import { startTestSandbox } from '../support/sandbox-rpc.js';

/** Sends a `Host`, which `fetch` does not. */
async function statusFor(host: string, url: string): Promise<number | undefined> {
  const [response] = (await once(get(url, { headers: { host }, agent: false }), 'response')) as [
    IncomingMessage,
  ];
  response.resume();
  return response.statusCode;
}

describe('the sandbox as a separate process', () => {
  const start = (settings: Record<string, string>): Program => new Program('dist/cli/sandbox.js', settings);
  const endOf = (program: Program): Promise<string> => eventually(async () => program.ended);

  it.each(['SIGTERM', 'SIGINT'] as const)('prints its URL, responds, and exits on %s', async (signal) => {
    const sandbox = start({ SANDBOX_PORT: '0' });
    const url = await sandbox.said(SANDBOX_LINE);
    await sandbox.said(/(http500)/);
    expect(sandbox.output).toContain('sandbox / sandbox-secret');
    expect((await fetch(`${url}/__sandbox__/calls`)).status).toBe(200);
    sandbox.signal(signal);
    expect(await endOf(sandbox)).toContain('ended with 0');
  });

  it('runs in a container, where it writes no file and is reached by the name of the container', async () => {
    const command = [process.execPath, '--permission', '--allow-fs-read=*', 'dist/cli/sandbox.js'] as const;
    // The image sets NODE_ENV.
    const settings = { NODE_ENV: 'production', SANDBOX_HOST: '0.0.0.0', SANDBOX_PORT: '0' };
    const sandbox = new Program([...command], settings);
    const { port } = new URL(await sandbox.said(SANDBOX_LINE));
    // Another address of this machine, as Docker uses.
    const controls = `http://127.0.0.2:${port}/__sandbox__`;
    const headers = { 'content-type': 'application/json' };
    const fault = { method: 'POST', headers, body: '{"kind":"http500"}' };
    const statuses = [
      (await fetch(`${controls}/faults`, fault)).status,
      await statusFor(`${hostname()}:${port}`, `${controls}/calls`),
      await statusFor(`evil.example:${port}`, `${controls}/calls`),
    ];
    expect(statuses).toEqual([200, 200, 403]);
    await sandbox.end('SIGTERM');
    expect(sandbox.output).not.toMatch(/ERR_ACCESS_DENIED|EROFS|EACCES/);
  });

  it('names every invalid setting and exits with 78', async () => {
    const ended = await endOf(
      start({ SANDBOX_HOST: 'all', SANDBOX_PORT: 'x', SANDBOX_QPS: '0', SANDBOX_LISTLAG_MS: '1' }),
    );
    expect(ended.split('\n').map((line) => line.replace(/^.*ended with /, ''))).toEqual([
      expect.stringMatching(
        /^78: SANDBOX_LISTLAG_MS is not a setting .* did you mean SANDBOX_LIST_LAG_MS\?$/,
      ),
      expect.stringMatching(/^SANDBOX_HOST must/),
      expect.stringMatching(/^SANDBOX_PORT must/),
      expect.stringMatching(/^SANDBOX_QPS must/),
      '',
    ]);
  });

  it('reports in one line that its port is in use', async () => {
    const other = await startTestSandbox();
    const { port } = new URL(other.url);
    const ended = await endOf(start({ SANDBOX_PORT: port }));
    await other.close();
    expect(ended).toContain(
      `ended with 1: The sandbox's port ${port} is in use. Set SANDBOX_PORT to another port.\n`,
    );
  });
});
