import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Account } from '../tenancy/account.js';
import { AccountCheck, type Verdict } from './account-check.js';
import type { CheckTarget } from './check-target.js';

const OK: Verdict = { ok: true };
const FAULT: Verdict = { ok: false, advice: 'Fix it.' };
const REFUSED: Verdict = { ok: false, advice: 'Name a number.' };
const KEYS = { kind: 'chain' } as const;
const account = new Account('default', KEYS);

function target(custSpaceId = 'space', of = account): CheckTarget {
  return { kind: 'number', account: of, tenantId: 'acme', custSpaceId, businessNumber: '8613800000001' };
}

let verdicts: Verdict[];
let pending: { target: CheckTarget; end: (verdict: Verdict) => void }[];
let check: AccountCheck;

function create(first = target()): void {
  check = new AccountCheck(first, {
    check: (checked) => new Promise((end) => pending.push({ target: checked, end })),
    refused: () => REFUSED,
    onVerdict: (_target, verdict) => verdicts.push(verdict),
  });
}

/** Ends the only check in flight. */
async function end(verdict: Verdict): Promise<void> {
  expect(pending).toHaveLength(1);
  pending.pop()?.end(verdict);
  await jest.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  jest.useFakeTimers();
  verdicts = [];
  pending = [];
  create();
});
afterEach(() => {
  check.stop();
  jest.useRealTimers();
});

describe('the check of an account', () => {
  it('is repeated with backoff from 5 s to 60 s while it fails, and then ends', async () => {
    check.start();
    for (const [index, seconds] of [5, 10, 20, 40, 60, 60].entries()) {
      await end({ ...FAULT, retryAfterMs: index });
      await jest.advanceTimersByTimeAsync(seconds * 1_000 - 1);
      expect(pending).toHaveLength(0);
      await jest.advanceTimersByTimeAsync(1);
      expect(pending).toHaveLength(1);
    }
    await end(OK);
    expect(jest.getTimerCount()).toBe(0);
    expect(verdicts).toEqual([{ ...FAULT, retryAfterMs: 0 }, OK]);
  });

  it('waits at least as long as CAMS asks', async () => {
    check.start();
    await end({ ...FAULT, retryAfterMs: 30_000 });
    await jest.advanceTimersByTimeAsync(29_999);
    expect(pending).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(pending).toHaveLength(1);
  });

  it('that cannot be made is not repeated', async () => {
    create({ kind: 'no-number', account });
    check.start();
    await end(FAULT);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is repeated for a new target only after the one in flight, whose result does not count', async () => {
    check.start();
    check.retarget(target('other'));
    check.start();
    await end(FAULT);
    expect([verdicts, pending[0]?.target]).toEqual([[], target('other')]);
    await end(OK);
    expect([verdicts, pending]).toEqual([[OK], []]);
  });

  it('is not repeated for the same target', async () => {
    check.start();
    await end(OK);
    check.retarget(target());
    expect(pending).toHaveLength(0);
    check.retarget(target('space', new Account('default', KEYS)));
    expect(pending).toHaveLength(1);
    await end(OK);
    expect(verdicts).toEqual([OK, OK]);
  });

  it('starts only when it is told to', () => {
    check.retarget(target('other'));
    check.noteCall(account, false);
    expect([pending, check.verdict.ok]).toEqual([[], false]);
  });

  it.each([['in flight'], ['waiting']])('stops while it is %s', async (state) => {
    check.start();
    if (state === 'waiting') await end(FAULT);
    check.stop();
    if (state === 'in flight') await end(OK);
    expect([jest.getTimerCount(), pending, verdicts.includes(OK)]).toEqual([0, [], false]);
  });
});

describe('a call of a tenant that CAMS refuses as not allowed', () => {
  it('causes a check of an account that was ok, at most once a minute', async () => {
    check.start();
    await end(OK);
    await jest.advanceTimersByTimeAsync(60_000);
    check.noteCall(account, true);
    check.noteCall(new Account('default', KEYS), false);
    expect(pending).toHaveLength(0);
    check.noteCall(account, false);
    check.noteCall(account, false);
    await end(FAULT);
    expect(check.verdict).toEqual(FAULT);
    await jest.advanceTimersByTimeAsync(5_000);
    await end(OK);
    expect(verdicts).toEqual([OK, FAULT, OK]);
    // The backoff starts from the beginning.
    await jest.advanceTimersByTimeAsync(60_000);
    check.noteCall(account, false);
    await end(FAULT);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(pending).toHaveLength(1);
  });
});

describe('a refused call less than a minute after the start of a check', () => {
  it.each([['in flight'], ['ok']])('causes a check once the minute is over: %s', async (state) => {
    check.start();
    if (state === 'ok') await end(OK);
    await jest.advanceTimersByTimeAsync(10_000);
    check.noteCall(account, false);
    check.noteCall(account, false);
    check.noteCall(account, true);
    if (state === 'in flight') await end(OK);
    await jest.advanceTimersByTimeAsync(49_999);
    expect(pending).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1);
    await end(FAULT);
    expect(verdicts).toEqual([OK, FAULT]);
  });

  it('does not add to the repetitions of a check that failed', async () => {
    check.start();
    check.noteCall(account, false);
    await end(FAULT);
    check.noteCall(account, false);
    await jest.advanceTimersByTimeAsync(5_000);
    await end(OK);
    await jest.advanceTimersByTimeAsync(120_000);
    expect([pending, jest.getTimerCount()]).toEqual([[], 0]);
  });

  it('causes no check once the checks are stopped', async () => {
    check.start();
    await end(OK);
    check.noteCall(account, false);
    check.stop();
    check.noteCall(account, false);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('an account that cannot be checked', () => {
  beforeEach(async () => {
    create({ kind: 'no-number', account });
    check.start();
    await end(FAULT);
  });

  it('is ok or not as the latest call shows', async () => {
    check.noteCall(account, false);
    check.noteCall(account, false);
    check.noteCall(account, true);
    expect([verdicts, check.verdict]).toEqual([[FAULT, REFUSED, OK], OK]);
  });

  it('is not ok once the first call after many successful ones is refused', () => {
    check.noteCall(account, true);
    check.noteCall(account, false);
    expect([verdicts, check.verdict]).toEqual([[FAULT, OK, REFUSED], REFUSED]);
  });

  it('changes from ok to not ok at most once a minute', async () => {
    for (let call = 0; call < 10; call += 1) check.noteCall(account, call % 2 === 0);
    expect(verdicts).toEqual([FAULT, OK, REFUSED, OK]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(check.verdict).toEqual(REFUSED);
    check.noteCall(account, true);
    check.noteCall(account, false);
    check.noteCall(account, true);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(check.verdict).toEqual(OK);
  });
});

describe('a call of a tenant that succeeds', () => {
  it('shows that an account is ok which cannot be checked', async () => {
    create({ kind: 'no-number', account });
    check.start();
    await end(FAULT);
    check.noteCall(account, true);
    check.noteCall(account, true);
    expect([verdicts, check.verdict]).toEqual([[FAULT, OK], OK]);
  });

  it('does not replace a failed check', async () => {
    check.start();
    await end(FAULT);
    check.noteCall(account, true);
    expect(check.verdict).toEqual(FAULT);
  });
});
