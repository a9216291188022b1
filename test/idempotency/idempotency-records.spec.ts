import { describe, expect, it, jest } from '@jest/globals';
import { GatewayError } from '../../src/errors/gateway-error.js';
import type { Idempotency, Reconciled } from '../../src/idempotency/idempotency.js';
import { type StateStore, StateUnavailable } from '../../src/state/state-store.js';
import { LATE_MS, asking, done, failure, lost, never } from '../support/idempotency-commands.js';
import {
  type Write,
  mustNotRun,
  pass,
  reconciled,
  useIdempotencyReplicas,
  write,
} from '../support/idempotency-replicas.js';

let store: StateStore;
let here: Idempotency;
let there: Idempotency;
useIdempotencyReplicas((fresh) => ({ store, here, there } = fresh));

describe('an unknown outcome', () => {
  const losing = write(async (attempt) => {
    await attempt.sending('facts');
    return lost();
  });

  it('may still apply until the call deadline and the longest CAMS delay have passed', async () => {
    const error = await failure(here.run(asking(), losing));
    expect([error.code, error.retryable]).toEqual(['OUTCOME_UNKNOWN', true]);
    for (const ms of [0, LATE_MS - 100, 200]) {
      await pass(ms);
      await failure(there.run(asking(), mustNotRun));
    }
    expect(reconciled.map(({ mayStillApply }) => mayStillApply)).toEqual([true, true, false]);
  });

  it('is never reconciled concurrently', async () => {
    await failure(here.run(asking(), losing));
    const look = Promise.withResolvers<Reconciled<string>>();
    const slow: Write = { ...mustNotRun, reconcile: () => look.promise };
    const first = here.run(asking(), slow);
    await pass(1);
    expect((await failure(there.run(asking(), mustNotRun))).code).toBe('IDEMPOTENCY_IN_FLIGHT');
    look.resolve({ kind: 'done', value: 'found' });
    expect(await first).toEqual({ value: 'found', replayed: true });
    expect(await there.run(asking(), mustNotRun)).toEqual({ value: 'found', replayed: true });
  });

  it('can be reconciled to a failure, which is then replayed', async () => {
    await failure(here.run(asking(), losing));
    const error = new GatewayError('UPSTREAM_UNAVAILABLE', 'Not executed.', { retryable: false });
    const failed = write(never, () => ({ kind: 'failed', error }));
    for (const at of [here, there]) {
      const told = await failure(at.run(asking(), failed));
      expect([told.code, told.detail, told.retryable]).toEqual([error.code, error.detail, false]);
      expect(told.options.replayed).toBe(true);
    }
    expect(reconciled).toHaveLength(1);
  });

  it('stays unknown if reconciliation fails', async () => {
    await failure(here.run(asking(), losing));
    const blind: Write = { ...mustNotRun, reconcile: () => Promise.reject(new Error('blind')) };
    const told = await failure(there.run(asking(), blind));
    expect([told.code, told.retryable]).toEqual(['OUTCOME_UNKNOWN', true]);
    expect(await here.run(asking(), write(never, done('found')))).toEqual({ value: 'found', replayed: true });
  });

  it('is recorded for any error after sending that is not a CAMS response', async () => {
    const bug = write(async (attempt) => {
      await attempt.sending('facts');
      throw new Error('a defect');
    });
    await expect(here.run(asking(), bug)).rejects.toThrow('a defect');
    expect((await failure(there.run(asking(), mustNotRun))).code).toBe('OUTCOME_UNKNOWN');
  });
});

describe('a record', () => {
  it('expires after a day', async () => {
    await here.run(
      asking(),
      write(async () => 'first'),
    );
    await pass(86_399_000);
    expect(await there.run(asking(), mustNotRun)).toEqual({ value: 'first', replayed: true });
    await pass(2_000);
    expect(
      await there.run(
        asking(),
        write(async () => 'second'),
      ),
    ).toEqual({ value: 'second', replayed: false });
  });

  it('that cannot be marked as sent prevents the write from being sent', async () => {
    let sent = false;
    const cut = write(async (attempt) => {
      jest.spyOn(store, 'write').mockRejectedValue(new StateUnavailable('unavailable'));
      await attempt.sending('facts');
      sent = true;
      return 'sent';
    });
    expect([(await failure(here.run(asking(), cut))).code, sent]).toEqual(['STATE_UNAVAILABLE', false]);
  });

  it('that is marked as sent although the write was stopped does not count as sent', async () => {
    const cut = write(async (attempt) => {
      const real = store.write.bind(store);
      // The record is written, but the confirmation is lost.
      jest.spyOn(store, 'write').mockImplementationOnce(async (...step) => {
        await real(...step);
        throw new StateUnavailable('the response was lost');
      });
      await attempt.sending('facts');
      return 'sent';
    });
    expect((await failure(here.run(asking(), cut))).code).toBe('STATE_UNAVAILABLE');
    expect(
      await there.run(
        asking(),
        write(async () => 'sent now'),
      ),
    ).toEqual({ value: 'sent now', replayed: false });
  });
});
