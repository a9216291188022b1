import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHECKS, LATER_CHECKS, LATER_MS, READER, type Reading, arrangeSandbox } from './checks.js';
import { StateRecorder } from './record-state.js';
import { type Recording, load } from './recording.js';
import { missingIn } from './shapes.js';
import { Stage } from './stage.js';

const HERE = new URL('./', import.meta.url);
const BUILD = '.';
/** Longer than recording takes on a busy machine. */
const RECORDING_MS = 120_000;

const recordings = readdirSync(HERE)
  .map((release) => new URL(`${release}/state.json`, HERE))
  .filter((file) => existsSync(file))
  .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Recording);

describe.each(recordings)('the state of release $release', (recording) => {
  let reading: Reading;

  beforeAll(async () => {
    const stage = await Stage.start(BUILD);
    await arrangeSandbox({ stage, recording });
    await load(stage.state, recording);
    reading = { stage, recording, reader: await stage.gateway(BUILD, READER) };
  });
  afterAll(() => reading.stage.close());

  it.each(CHECKS)('is read: $name', ({ run }) => run(reading));

  describe('an hour later', () => {
    beforeAll(async () => {
      const { stage, reader } = reading;
      await reader.kill();
      await load(stage.state, recording, LATER_MS);
      // A new process, because the old one remembers which quotas are used up.
      reading = { stage, recording, reader: await stage.gateway(BUILD, READER) };
    });

    it.each(LATER_CHECKS)('is read: $name', ({ run }) => run(reading));
  });
});

describe('the state of this build', () => {
  let stage: Stage;
  let today: Recording;

  beforeAll(async () => {
    stage = await Stage.start(BUILD);
    today = (await new StateRecorder(stage, BUILD).record('today')).recording;
  }, RECORDING_MS);
  afterAll(() => stage.close());

  it.each(recordings)('has every record and field that release $release reads', (recording) => {
    expect(missingIn(today, recording)).toEqual([]);
  });
});
