import { describe, expect, it } from '@jest/globals';
import type { Idempotency } from '../../src/idempotency/idempotency.js';
import { BUDGET_MS, asking, done, failure, lost } from '../support/idempotency-commands.js';
import {
  abandon,
  mustNotRun,
  pass,
  reconciled,
  useIdempotencyReplicas,
  write,
} from '../support/idempotency-replicas.js';

let here: Idempotency;
let there: Idempotency;
useIdempotencyReplicas((fresh) => ({ here, there } = fresh));

describe('an abandoned attempt', () => {
  it('that sent nothing is taken over once its time is up, and not before', async () => {
    await abandon(here, async () => undefined);
    const early = await failure(there.run(asking(), mustNotRun));
    expect([early.code, early.options.retryAfterSeconds]).toEqual(['IDEMPOTENCY_IN_FLIGHT', 2]);
    await pass(BUDGET_MS + 1_000);
    expect(
      await there.run(
        asking(),
        write(async () => 'sent again'),
      ),
    ).toEqual({ value: 'sent again', replayed: false });
    expect(reconciled).toEqual([]);
  });

  it('that sent nothing and then resumes leaves the record to the attempt that took it over', async () => {
    const asleep = Promise.withResolvers<void>();
    const late = failure(
      here.run(
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
    expect((await failure(there.run(asking(), second))).code).toBe('OUTCOME_UNKNOWN');
    asleep.resolve();
    expect((await late).code).toBe('IDEMPOTENCY_IN_FLIGHT');
    expect((await failure(there.run(asking(), mustNotRun))).code).toBe('OUTCOME_UNKNOWN');
    expect(reconciled).toMatchObject([{ facts: 'facts of the second' }]);
  });

  it('that was sending is reconciled once its time is up, not before, and never sent again', async () => {
    await abandon(here, (attempt) => attempt.sending('facts'));
    expect((await failure(there.run(asking(), mustNotRun))).code).toBe('IDEMPOTENCY_IN_FLIGHT');
    await pass(BUDGET_MS + 1_000);
    const asked = asking();
    const found = write(() => Promise.reject(new Error('It was run.')), done('found'));
    expect(await there.run(asked, found)).toEqual({ value: 'found', replayed: true });
    expect(reconciled).toEqual([{ facts: 'facts', result: undefined, mayStillApply: false }]);
    expect(await here.run(asking(), mustNotRun)).toEqual({ value: 'found', replayed: true });
    expect(reconciled).toHaveLength(1);
  });

  it('whose outcome stays unknown is to be asked for less and less often', async () => {
    const wait = async (): Promise<number | undefined> =>
      (await failure(there.run(asking(), mustNotRun))).options.retryAfterSeconds;
    await abandon(here, (attempt) => attempt.sending('facts'));
    await pass(BUDGET_MS + 1_000);
    const first = await wait();
    expect(first).toBeGreaterThan(BUDGET_MS / 2_000);
    await pass(4_000);
    expect(await wait()).toBeGreaterThan(first ?? 0);
    await pass(60_000);
    expect(await wait()).toBe(15);
  });

  it('that received the CAMS response leaves the result for reconciliation', async () => {
    await abandon(here, async (attempt) => {
      await attempt.sending('facts');
      await attempt.applied('result');
    });
    await pass(BUDGET_MS + 1_000);
    await failure(there.run(asking(), mustNotRun));
    expect(reconciled).toMatchObject([{ facts: 'facts', result: 'result' }]);
  });

  it('that is still running cannot send once it has been taken over', async () => {
    const goOn = Promise.withResolvers<void>();
    let sent = 0;
    const frozen = here.run(
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
    expect(await there.run(asking(), second)).toEqual({ value: 'sent once', replayed: false });
    goOn.resolve();
    expect((await failure(frozen)).code).toBe('IDEMPOTENCY_IN_FLIGHT');
    expect(sent).toBe(1);
    expect(await here.run(asking(), mustNotRun)).toEqual({ value: 'sent once', replayed: true });
  });

  it('that learns the outcome later replaces the unknown outcome', async () => {
    const answer = Promise.withResolvers<string>();
    const slow = here.run(
      asking(),
      write(async (attempt) => {
        await attempt.sending('facts');
        return answer.promise;
      }),
    );
    await pass(BUDGET_MS + 1_000);
    expect((await failure(there.run(asking(), mustNotRun))).code).toBe('OUTCOME_UNKNOWN');
    answer.resolve('the truth');
    expect(await slow).toEqual({ value: 'the truth', replayed: false });
    expect(await there.run(asking(), mustNotRun)).toEqual({ value: 'the truth', replayed: true });
  });
});
