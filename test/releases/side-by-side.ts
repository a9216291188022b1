// Runs two builds on one state Redis, and checks that each reads what the other writes: see CONTRIBUTING.md.
//   node --import ./scripts/typescript.mjs test/releases/side-by-side.ts --before FOLDER --after FOLDER
import { parseArgs } from 'node:util';
import { CHECKS, type Check, LATER_CHECKS, LATER_MS, READER, type Reading } from './checks.js';
import { StateRecorder } from './record-state.js';
import { load } from './recording.js';
import { missingIn } from './shapes.js';
import type { Recording } from './recording.js';
import { Stage } from './stage.js';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { before: text, after: text } });
const { before, after } = values;
if (before === undefined || after === undefined)
  throw new Error('--before and --after name folders with a build.');

let broken = 0;

/** Prints whether a promise is kept. */
async function judge(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
    process.stdout.write(`  ok    ${name}\n`);
  } catch (error) {
    broken += 1;
    process.stdout.write(`  FAIL  ${name}: ${(error as Error).message}\n`);
  }
}

async function judgeAll(checks: readonly Check[], reading: Reading): Promise<void> {
  for (const { name, run } of checks) await judge(name, () => run(reading));
}

/** Writes with one build and reads with the other, while both run. Returns what was written. */
async function oneWay(writing: string, reading: string, title: string): Promise<Recording> {
  process.stdout.write(`${title}\n`);
  const stage = await Stage.start(after!);
  try {
    const { recording, writer } = await new StateRecorder(stage, writing).record(title);
    const reader = await stage.gateway(reading, READER);
    await judgeAll(CHECKS, { reader, recording, stage });
    // What the reader has found out meanwhile is replayed by the writer.
    const settled = recording.writes.filter(({ expected }) => expected === 'reconciled');
    const back = settled.map((recorded) => ({ ...recorded, expected: 'replayed' as const }));
    const [replays] = CHECKS as [Check];
    await judge('what one reconciles, the other replays', () =>
      replays.run({ reader: writer, recording: { ...recording, writes: back }, stage }),
    );
    await Promise.all([writer.kill(), reader.kill()]);
    await load(stage.state, recording, LATER_MS);
    const later = await stage.gateway(reading, READER);
    await judgeAll(LATER_CHECKS, { reader: later, recording, stage });
    return recording;
  } finally {
    await stage.close();
  }
}

const first = await oneWay(before, after, 'written before, read after');
const second = await oneWay(after, before, 'written after, read before');
process.stdout.write('fields\n');
await judge('the build after writes every field that the build before writes', async () => {
  const missing = missingIn(second, first);
  if (missing.length > 0) throw new Error(missing.join(', '));
});
process.exit(broken === 0 ? 0 : 1);
