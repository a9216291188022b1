import type { CoherenceLevel } from '../../cache/write-intent.js';
import type { GatewayError } from '../../errors/gateway-error.js';
import type { Reconciled } from '../../idempotency/idempotency.js';
import { notExecuted, stillUnknown } from './write-errors.js';

/**
 * A step of a write: does its part, calls `next` once or throws, and may act on what has come of it.
 * One without dependencies is a function that returns the step; one with dependencies, or with a state that it gives
 * back, is a class. Its place in the pipeline is the place of its effects: see decision 9 before you choose one.
 */
export interface Step<Write, Outcome> {
  execute(write: Write, next: (write: Write) => Promise<Outcome>): Promise<Outcome>;
}

/** Runs each step within the one before it, and `last` within all of them. */
export function compose<Write, Outcome>(
  steps: readonly Step<Write, Outcome>[],
  last: (write: Write) => Promise<Outcome>,
): (write: Write) => Promise<Outcome> {
  return steps.reduceRight<(write: Write) => Promise<Outcome>>(
    (next, step) => (write) => step.execute(write, next),
    last,
  );
}

/** What every acknowledged write can say of itself. */
export interface Written {
  readonly coherence: CoherenceLevel;
  /** The upstream's id of the write. */
  readonly upstreamRequestId: string | undefined;
}

/** A write that CAMS has answered. */
export interface Sent<Result> extends Written {
  readonly result: Result;
}

/** What a new list promises by itself; whoever tells it tells the cache first. */
export const FOUND: Written = { coherence: 'BOUNDED', upstreamRequestId: undefined };

export function done<Value>(value: Value): Reconciled<Value> {
  return { kind: 'done', value };
}

export function failed<Value>(error: GatewayError): Reconciled<Value> {
  return { kind: 'failed', error };
}

export function unknown<Value>(): Reconciled<Value> {
  return { kind: 'unknown', error: stillUnknown() };
}

export function undecided<Value>(mayStillApply: boolean, detail: string): Reconciled<Value> {
  return mayStillApply ? unknown() : failed(notExecuted(detail));
}
