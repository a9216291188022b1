import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';

const LINES = 20_000;
const PROGRAM = `
  import { createLogger } from './src/telemetry/logger.ts';
  const { logger, output } = createLogger({ logLevel: 'info' });
  let dropped = 0;
  output.on('drop', () => (dropped += 1));
  const msg = 'x'.repeat(1_000);
  for (let line = 0; line < ${LINES}; line += 1) logger.info({ msg });
  process.stderr.write(JSON.stringify({ dropped }));
`;

it('drops unread log lines beyond 16 MiB and reports each of them', async () => {
  const words = ['--import', './scripts/typescript.mjs', '--input-type=module', '--eval', PROGRAM];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const [text] = (await once(child.stderr, 'data')) as [Buffer];
    const { dropped } = JSON.parse(String(text)) as { dropped: number };
    const mostKept = (17 * 1024 * 1024) / 1_000;
    const leastKept = (16 * 1024 * 1024) / 1_100;
    expect(LINES - dropped).toBeGreaterThan(leastKept);
    expect(LINES - dropped).toBeLessThan(mostKept);
  } finally {
    // Otherwise, it would try forever to write the lines it still holds.
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});
