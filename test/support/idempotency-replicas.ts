import { beforeAll, beforeEach, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { WriteRecorder } from '../../src/idempotency/write-recorder.js';
import {
  type Command,
  Idempotency,
  type Reconciled,
  type SentWrite,
} from '../../src/idempotency/idempotency.js';
import { Locks } from '../../src/state/locks.js';
import type { StateStore } from '../../src/state/state-store.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { CONFIG, asking, never, unknown } from './idempotency-commands.js';

export type Write = Command<string, string, string>;
type Sent = SentWrite<string, string>;

/** Two replicas that share a store. */
export interface IdempotencyReplicas {
  readonly store: StateStore;
  readonly here: Idempotency;
  readonly there: Idempotency;
}

/** The sent writes that {@link write} was asked to reconcile in this test. */
export const reconciled: Sent[] = [];

/** Stops the clock for a test file; {@link pass} advances it. Passes new replicas to `take` before each test. */
export function useIdempotencyReplicas(take: (fresh: IdempotencyReplicas) => void): void {
  let newStore: () => StateStore;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    // Must run before the store's cache is loaded, which keeps the clock it finds and ignores a start time of 0.
    jest.useFakeTimers();
    jest.advanceTimersByTime(1_000);
    const { MemoryStateStore } = await import('../../src/state/memory-state-store.js');
    newStore = () => new MemoryStateStore();
  });
  beforeEach(() => {
    jest.restoreAllMocks();
    reconciled.length = 0;
    const store = newStore();
    const replica = (): Idempotency => new Idempotency(store, new Locks(store), new Metrics(), CONFIG);
    take({ store, here: replica(), there: replica() });
  });
}

export const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** Returns a write that runs `execute` and is reconciled by `found`. */
export function write(
  execute: (attempt: WriteRecorder) => Promise<string>,
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

export const mustNotRun = write(() => Promise.reject(new Error('The write must not run.')));

/** Starts a write that never ends, and waits until it hangs. */
export async function abandon(
  at: Idempotency,
  steps: (attempt: WriteRecorder) => Promise<unknown>,
): Promise<void> {
  const hangs = Promise.withResolvers<void>();
  void at.run(
    asking(),
    write(async (attempt) => {
      await steps(attempt);
      hangs.resolve();
      return never();
    }),
  );
  await hangs.promise;
}
