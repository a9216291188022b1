import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Program, SANDBOX_LINE } from '../support/program.js';
import { startTestSandbox } from '../support/sandbox-rpc.js';

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

  it('names every invalid setting and exits with 78', async () => {
    const ended = await endOf(start({ SANDBOX_PORT: 'x', SANDBOX_QPS: '0', SANDBOX_LISTLAG_MS: '1' }));
    expect(ended.split('\n').map((line) => line.replace(/^.*ended with /, ''))).toEqual([
      expect.stringMatching(
        /^78: SANDBOX_LISTLAG_MS is not a setting .* did you mean SANDBOX_LIST_LAG_MS\?$/,
      ),
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
