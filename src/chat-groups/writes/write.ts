import type { CoherenceLevel } from '../../cache/write-intent.js';
import type { GatewayError } from '../../errors/gateway-error.js';
import type { Reconciled } from '../../idempotency/idempotency.js';
import type { Precondition } from '../model/etag.js';
import { notExecuted, stillUnknown } from './write-errors.js';

/**
 * A step of a write. It does its part, calls `next` once or throws, and may act on the outcome.
 * A step without dependencies is a function that returns the step. A step with dependencies, or with state to release,
 * is a class. Its position in the pipeline decides when it takes effect: read decision 9 before you choose one.
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

/** Fields of every confirmed write. */
export interface Written {
  readonly coherence: CoherenceLevel;
  /** Request id assigned by CAMS to the write. */
  readonly upstreamRequestId: string | undefined;
}

/** A write that CAMS has confirmed. */
export interface Sent<Result> extends Written {
  readonly result: Result;
}

/** What a new listing guarantees by itself. The cache must be invalidated before it is returned. */
export const FOUND: Written = { coherence: 'BOUNDED', upstreamRequestId: undefined };

/**
 * Returns the precondition as a part of a write's identity: nothing without one, so that keys recorded before a write
 * accepted preconditions still match.
 */
export function headerOf(precondition: Precondition | undefined): readonly string[] {
  return precondition ? [precondition.header] : [];
}

export function done<Value>(value: Value): Reconciled<Value> {
  return { kind: 'done', value };
}

export function failed<Value>(error: GatewayError): Reconciled<Value> {
  return { kind: 'failed', error };
}

export function unknown<Value>(mayStillApply: boolean): Reconciled<Value> {
  return { kind: 'unknown', error: stillUnknown(mayStillApply) };
}

export function undecided<Value>(mayStillApply: boolean, detail: string): Reconciled<Value> {
  return mayStillApply ? unknown(true) : failed(notExecuted(detail));
}
