import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StateUnavailable } from '../../src/state/state-store.js';
import { eventually } from '../support/eventually.js';
import { RedisStateBench } from '../support/state-bench.js';

const LONG_MS = 60_000;

let bench: RedisStateBench;
beforeEach(async () => {
  bench = await RedisStateBench.start();
});
afterEach(() => bench.close());

const newKey = (): string => `cgs:test:${randomUUID()}`;
const writeOf = (version: string, expected?: string) => ({
  expected,
  version,
  value: `value ${version}`,
  lifeMs: LONG_MS,
});

/** Every method, on a new key. */
const STEPS = [
  ['read', () => bench.store.read(newKey())],
  ['write', () => bench.store.write(newKey(), writeOf('1'))],
  ['extend', () => bench.store.extend(newKey(), '1', LONG_MS)],
  ['remove', () => bench.store.remove(newKey(), '1')],
  ['members', () => bench.store.members(newKey())],
  ['addMember', () => bench.store.addMember(newKey(), 'a')],
  ['removeMember', () => bench.store.removeMember(newKey(), 'a')],
] as const;

describe.each([
  ['cannot be reached', () => bench.proxy.cut()],
  ['does not respond', () => bench.proxy.hold()],
])('a server that %s', (_, lose) => {
  it.each(STEPS)('fails with StateUnavailable, and is used again when it is back: %s', async (__, step) => {
    lose();
    await expect(step()).rejects.toBeInstanceOf(StateUnavailable);
    bench.proxy.repair();
    await eventually(() =>
      step().then(
        () => true,
        (error: unknown) => {
          if (error instanceof StateUnavailable) return undefined;
          throw error;
        },
      ),
    );
  });
});

describe('a connection that breaks', () => {
  it('causes one retry, and no step is executed twice', async () => {
    const key = newKey();
    await bench.store.write(key, writeOf('1'));
    for (let round = 1; round <= 10; round += 1) {
      const step = bench.store.write(key, writeOf(`${round + 1}`, `${round}`));
      bench.proxy.reset();
      // The step may succeed or fail, but a reported success must be real.
      const done = await step.catch((error: unknown) => {
        if (error instanceof StateUnavailable) return undefined;
        throw error;
      });
      const { version } = (await bench.other.read(key)) ?? {};
      if (done !== undefined) expect([done, version]).toEqual([true, `${round + 1}`]);
      if (version !== `${round + 1}`) await bench.other.write(key, writeOf(`${round + 1}`, `${round}`));
    }
  });

  it('reports a repeated write as done if only its reply was lost', async () => {
    const key = newKey();
    bench.proxy.hold();
    const step = bench.store.write(key, writeOf('1'));
    step.catch(() => undefined);
    bench.proxy.repair();
    await eventually(async () => bench.other.read(key));
    expect(await bench.store.write(key, writeOf('1'))).toBe(true);
    expect(await bench.store.write(key, writeOf('2'))).toBe(false);
  });
});

describe('a server that is out of memory', () => {
  it('rejects new data, but still reads', async () => {
    const [key, set] = [newKey(), newKey()];
    await bench.store.write(key, writeOf('1'));
    await bench.store.addMember(set, 'a');
    await bench.server.fill();
    await expect(bench.store.write(newKey(), writeOf('1'))).rejects.toBeInstanceOf(StateUnavailable);
    await expect(bench.store.addMember(set, 'b')).rejects.toBeInstanceOf(StateUnavailable);
    expect(await bench.store.read(key)).toMatchObject({ version: '1' });
    expect(await bench.store.members(set)).toEqual(['a']);
  });

  it('extends and removes existing data', async () => {
    const [key, set] = [newKey(), newKey()];
    await bench.store.write(key, writeOf('1'));
    await bench.store.addMember(set, 'a');
    await bench.server.fill();
    expect(await bench.store.extend(key, '1', LONG_MS)).toBe(true);
    expect(await bench.store.remove(key, '1')).toBe(true);
    await bench.store.removeMember(set, 'a');
    expect(await bench.other.members(set)).toEqual([]);
  });
});
