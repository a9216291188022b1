// Records the state that a release writes: see CONTRIBUTING.md.
//   node --import ./scripts/typescript.mjs test/releases/record.ts --release 0.1.0 [--build FOLDER]
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { StateRecorder } from './record-state.js';
import { Stage } from './stage.js';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { release: text, build: text } });
const { release, build = '.' } = values;
if (release === undefined) throw new Error('--release is missing: the version, such as 0.1.0.');

const stage = await Stage.start(build);
try {
  const { recording } = await new StateRecorder(stage, build).record(release);
  const folder = new URL(`${release}/`, import.meta.url);
  const file = new URL('state.json', folder).pathname;
  mkdirSync(folder, { recursive: true });
  const options = { ...(await resolveConfig(file)), filepath: file };
  writeFileSync(file, await format(JSON.stringify(recording), options));
  process.stdout.write(`${recording.keys.length} keys in ${file}\n`);
} finally {
  await stage.close();
}
// Connections of requests that were in progress.
process.exit();
