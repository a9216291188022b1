import { beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { GatewayError } from '../src/common/errors.js';
import type { Attempt } from '../src/idempotency/attempt.js';
import {
  type Command,
  Idempotency,
  type Reconciled,
  type SentWrite,
} from '../src/idempotency/idempotency.js';
import { Locks } from '../src/state/locks.js';
import { type StateStore, StateUnavailable } from '../src/state/state-store.js';
import { Metrics } from '../src/telemetry/metrics.js';
import { scopeOf } from './support/cams-callers.js';
import {
  BUDGET_MS,
  CONFIG,
  LATE_MS,
  asking,
  done,
  failure,
  lost,
  never,
  unknown,
} from './support/idempotency-commands.js';

Logger.overrideLogger(false);

const scope = scopeOf();

type Write = Command<string, string, string>;
type Sent = SentWrite<string, string>;

let newStore: () => StateStore;
let store: StateStore;
/** Two replicas with one store. */
let here: Idempotency;
let there: Idempotency;
let reconciled: Sent[];

beforeAll(async () => {
  // Before the store's cache is loaded, which keeps the clock that it finds; it takes a start at 0 for none.
  jest.useFakeTimers();
  jest.advanceTimersByTime(1_000);
  const { MemoryStateStore } = await import('../src/state/memory-state-store.js');
  newStore = () => new MemoryStateStore();
});
beforeEach(() => {
  jest.restoreAllMocks();
  store = newStore();
  [here, there] = [0, 1].map(() => new Idempotency(store, new Locks(store), new Metrics(), CONFIG)) as [
    Idempotency,
    Idempotency,
  ];
  reconciled = [];
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** A write that does as it is told; looking into it finds what `found` says. */
function write(
  execute: (attempt: Attempt) => Promise<string>,
  found: (sent: Sent) => Reconciled<string> = () => unknown(),
): Write {
  return {
    identity: ['a write'],
    execute,
    reconcile: async (sent) => {
      reconciled.push(sent);
      return found(sent);
    },
  };
}

const mustNotRun = write(() => Promise.reject(new Error('It was run.')));

/** Begins a write that never ends, and waits until it hangs. */
async function abandon(at: Idempotency, steps: (attempt: Attempt) => Promise<unknown>): Promise<void> {
  const hangs = Promise.withResolvers<void>();
  void at.run(
    scope,
    asking(),
    write(async (attempt) => {
      await steps(attempt);
      hangs.resolve();
      return never();
    }),
  );
  await hangs.promise;
}

describe('whoever died', () => {
  it('before it sent is taken over when its time is up, and not before', async () => {
    await abandon(here, async () => undefined);
    const early = await failure(there.run(scope, asking(), mustNotRun));
    expect([early.code, early.options.retryAfterSeconds]).toEqual(['IDEMPOTENCY_IN_FLIGHT', 2]);
    await pass(BUDGET_MS + 1_000);
    const context = asking();
    expect(
      await there.run(
        scope,
        context,
        write(async () => 'sent anew'),
      ),
    ).toBe('sent anew');
    expect([context.idempotencyReplayed, reconciled]).toEqual([false, []]);
  });

  it('before it sent, and comes back, leaves the record to who has taken it over', async () => {
    const asleep = Promise.withResolvers<void>();
    const late = failure(
      here.run(
        scope,
        asking(),
        write(async (attempt) => {
          await asleep.promise;
          await attempt.sending('facts of the first');
          return 'sent twice';
        }),
      ),
    );
    await pass(BUDGET_MS + 1_000);
    const second = write(async (attempt) => {
      await attempt.sending('facts of the second');
      return lost();
    });
    expect((await failure(there.run(scope, asking(), second))).code).toBe('OUTCOME_UNKNOWN');
    asleep.resolve();
    expect((await late).code).toBe('IDEMPOTENCY_IN_FLIGHT');
    expect((await failure(there.run(scope, asking(), mustNotRun))).code).toBe('OUTCOME_UNKNOWN');
    expect(reconciled).toMatchObject([{ facts: 'facts of the second' }]);
  });

  it('while it sent is looked into when its time is up, and not before, and never sent again', async () => {
    await abandon(here, (attempt) => attempt.sending('facts'));
    expect((await failure(there.run(scope, asking(), mustNotRun))).code).toBe('IDEMPOTENCY_IN_FLIGHT');
    await pass(BUDGET_MS + 1_000);
    const context = asking();
    const found = write(() => Promise.reject(new Error('It was run.')), done('found'));
    expect(await there.run(scope, context, found)).toBe('found');
    expect(context.idempotencyReplayed).toBe(true);
    expect(reconciled).toEqual([{ facts: 'facts', result: undefined, mayStillApply: false }]);
    expect(await here.run(scope, asking(), mustNotRun)).toBe('found');
    expect(reconciled).toHaveLength(1);
  });

  it('after CAMS had answered has left the answer', async () => {
    await abandon(here, async (attempt) => {
      await attempt.sending('facts');
      await attempt.applied('result');
    });
    await pass(BUDGET_MS + 1_000);
    await failure(there.run(scope, asking(), mustNotRun));
    expect(reconciled).toMatchObject([{ facts: 'facts', result: 'result' }]);
  });

  it('and is not dead cannot send once it was taken over', async () => {
    const goOn = Promise.withResolvers<void>();
    let sent = 0;
    const frozen = here.run(
      scope,
      asking(),
      write(async (attempt) => {
        await goOn.promise;
        await attempt.sending('facts');
        sent += 1;
        return 'sent twice';
      }),
    );
    await pass(BUDGET_MS + 1_001);
    const second = write(async (attempt) => {
      await attempt.sending('facts');
      sent += 1;
      return 'sent once';
    });
    expect(await there.run(scope, asking(), second)).toBe('sent once');
    goOn.resolve();
    expect((await failure(frozen)).code).toBe('IDEMPOTENCY_IN_FLIGHT');
    expect(sent).toBe(1);
    expect(await here.run(scope, asking(), mustNotRun)).toBe('sent once');
  });

  it('and knows better in the end is believed', async () => {
    const answer = Promise.withResolvers<string>();
    const slow = here.run(
      scope,
      asking(),
      write(async (attempt) => {
        await attempt.sending('facts');
        return answer.promise;
      }),
    );
    await pass(BUDGET_MS + 1_000);
    expect((await failure(there.run(scope, asking(), mustNotRun))).code).toBe('OUTCOME_UNKNOWN');
    answer.resolve('the truth');
    expect(await slow).toBe('the truth');
    expect(await there.run(scope, asking(), mustNotRun)).toBe('the truth');
  });
});

describe('an unknown outcome', () => {
  const losing = write(async (attempt) => {
    await attempt.sending('facts');
    return lost();
  });

  it('may apply until the deadline of the call and the longest delay of CAMS are over', async () => {
    const error = await failure(here.run(scope, asking(), losing));
    expect([error.code, error.retryable]).toEqual(['OUTCOME_UNKNOWN', true]);
    for (const ms of [0, LATE_MS - 100, 200]) {
      await pass(ms);
      await failure(there.run(scope, asking(), mustNotRun));
    }
    expect(reconciled.map(({ mayStillApply }) => mayStillApply)).toEqual([true, true, false]);
  });

  it('is looked into by one at a time', async () => {
    await failure(here.run(scope, asking(), losing));
    const look = Promise.withResolvers<Reconciled<string>>();
    const slow: Write = { ...mustNotRun, reconcile: () => look.promise };
    const first = here.run(scope, asking(), slow);
    await pass(1);
    expect((await failure(there.run(scope, asking(), mustNotRun))).code).toBe('IDEMPOTENCY_IN_FLIGHT');
    look.resolve({ kind: 'done', value: 'found' });
    expect(await first).toBe('found');
    expect(await there.run(scope, asking(), mustNotRun)).toBe('found');
  });

  it('may be found to be a failure, which is told again', async () => {
    await failure(here.run(scope, asking(), losing));
    const error = new GatewayError('UPSTREAM_UNAVAILABLE', 'Not executed.', { retryable: false });
    const failed = write(never, () => ({ kind: 'failed', error }));
    for (const at of [here, there]) {
      const context = asking();
      const told = await failure(at.run(scope, context, failed));
      expect([told.code, told.detail, told.retryable]).toEqual([error.code, error.detail, false]);
      expect(context.idempotencyReplayed).toBe(true);
    }
    expect(reconciled).toHaveLength(1);
  });

  it('stays unknown when looking fails', async () => {
    await failure(here.run(scope, asking(), losing));
    const blind: Write = { ...mustNotRun, reconcile: () => Promise.reject(new Error('blind')) };
    const told = await failure(there.run(scope, asking(), blind));
    expect([told.code, told.retryable]).toEqual(['OUTCOME_UNKNOWN', true]);
    expect(await here.run(scope, asking(), write(never, done('found')))).toBe('found');
  });

  it('is kept for whatever came after it was sent, if that is no word of CAMS', async () => {
    const bug = write(async (attempt) => {
      await attempt.sending('facts');
      throw new Error('a defect');
    });
    await expect(here.run(scope, asking(), bug)).rejects.toThrow('a defect');
    expect((await failure(there.run(scope, asking(), mustNotRun))).code).toBe('OUTCOME_UNKNOWN');
  });
});

describe('a record', () => {
  it('lasts a day', async () => {
    await here.run(
      scope,
      asking(),
      write(async () => 'first'),
    );
    await pass(86_399_000);
    expect(await there.run(scope, asking(), mustNotRun)).toBe('first');
    await pass(2_000);
    expect(
      await there.run(
        scope,
        asking(),
        write(async () => 'anew'),
      ),
    ).toBe('anew');
  });

  it('that cannot be kept as sent stops what is to be sent', async () => {
    let sent = false;
    const cut = write(async (attempt) => {
      jest.spyOn(store, 'write').mockRejectedValue(new StateUnavailable('out of reach'));
      await attempt.sending('facts');
      sent = true;
      return 'sent';
    });
    expect([(await failure(here.run(scope, asking(), cut))).code, sent]).toEqual([
      'STATE_UNAVAILABLE',
      false,
    ]);
  });

  it('that arrives late, as sent, of a write that was stopped, is not called a write that was sent', async () => {
    const cut = write(async (attempt) => {
      const real = store.write.bind(store);
      // It is written, and nobody hears of it.
      jest.spyOn(store, 'write').mockImplementationOnce(async (...step) => {
        await real(...step);
        throw new StateUnavailable('the answer was lost');
      });
      await attempt.sending('facts');
      return 'sent';
    });
    expect((await failure(here.run(scope, asking(), cut))).code).toBe('STATE_UNAVAILABLE');
    expect(
      await there.run(
        scope,
        asking(),
        write(async () => 'sent now'),
      ),
    ).toBe('sent now');
  });
});
