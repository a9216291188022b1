import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { RequestContext } from '../../src/request/request-context.js';
import { accountWith, scopeOf, scopeWithin } from '../support/cams-callers.js';
import { CamsFixture, EMPTY_LIST, errorOf, until } from '../support/cams-fixture.js';
import { hang, json } from '../support/cams-wire-double.js';

const cams = new CamsFixture();
const FAULT = json({ Code: 'InternalError', Message: 'fault' }, 500);
/** Calls are judged by when at least a fifth of what the account may send in a second has ended. */
const QPS = '50';
const PAUSE_MS = 1_000;
/** Enough to send a call, but not for CAMS to count as failing. */
const TOO_LITTLE_MS = 1_500;

/** Reads until no more calls arrive at CAMS. Returns how many reads that took. */
async function readUntilNothingIsSent(): Promise<number> {
  for (let reads = 1; ; reads += 1) {
    const before = cams.requests.length;
    await errorOf(cams.read());
    if (cams.requests.length === before) return reads;
  }
}

describe('an account whose calls fail', () => {
  it('is not called any more, reads and writes alike, until a single call succeeds a second later', async () => {
    cams.connect({ CAMS_QPS: QPS });
    cams.answerWith(FAULT);
    expect(await readUntilNothingIsSent()).toBeLessThanOrEqual(11);
    const error = await errorOf(cams.write());
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', options: { retryAfterSeconds: 1 } });
    expect(error.message).toContain('Nothing was sent');
    const sent = cams.requests.length;
    await sleep(PAUSE_MS + 50);
    await Promise.all([1, 2, 3, 4, 5].map(() => errorOf(cams.read())));
    expect(cams.requests.length).toBe(sent + 1);
    await sleep(PAUSE_MS + 50);
    cams.answerWith(EMPTY_LIST);
    await cams.read();
    await cams.read();
    expect(cams.requests.length).toBe(sent + 3);
  });

  it('is judged by the call that it tries, even if the client of that call leaves', async () => {
    cams.connect({ CAMS_QPS: QPS });
    cams.answerWith(FAULT);
    await readUntilNothingIsSent();
    const sent = cams.requests.length;
    await sleep(PAUSE_MS + 50);
    cams.answerWith((...call) => void setTimeout(() => FAULT(...call), 100));
    const request = new RequestContext('leaves', 10_000);
    const probe = errorOf(cams.read(scopeOf('acme', accountWith(), request)));
    await until(() => cams.requests.length === sent + 1);
    request.interest.requestEnded();
    expect((await probe).code).toBe('UPSTREAM_UNAVAILABLE');
    await errorOf(cams.read());
    expect(cams.requests.length).toBe(sent + 1);
  });

  it('is not called any more if it hangs and clients leave, though not at once', async () => {
    cams.connect({ CAMS_QPS: QPS, CAMS_TIMEOUT_MS: '3000' });
    cams.answerWith(hang);
    const sentBefore = cams.requests.length;
    /** Sends reads whose clients leave `afterMs` after the last of them has reached CAMS. */
    const leave = async (reads: number, afterMs: number): Promise<void> => {
      const request = new RequestContext('leaves', 10_000);
      const sent = cams.requests.length + reads;
      const all = Array.from({ length: reads }, () =>
        errorOf(cams.read(scopeOf('acme', accountWith(), request))),
      );
      await until(() => cams.requests.length === sent);
      await sleep(afterMs);
      request.interest.requestEnded();
      await Promise.all(all);
    };
    await leave(12, 0);
    await leave(15, 1_600);
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(cams.requests.length - sentBefore).toBe(12 + 15);
  });

  it('stays stopped if the call that it tries gets too little time', async () => {
    cams.connect({ CAMS_QPS: QPS });
    cams.answerWith(FAULT);
    await readUntilNothingIsSent();
    cams.answerWith(hang);
    const sent = cams.requests.length;
    await sleep(PAUSE_MS + 50);
    expect((await errorOf(cams.read(scopeWithin(TOO_LITTLE_MS)))).code).toBe('UPSTREAM_TIMEOUT');
    expect((await errorOf(cams.read())).message).toContain('Nothing was sent');
    expect(cams.requests.length).toBe(sent + 1);
  });

  it('does not stop another of its tenants, if only one of them calls it', async () => {
    cams.connect({ CAMS_QPS: QPS });
    cams.answerWith(FAULT);
    await readUntilNothingIsSent();
    cams.answerWith(EMPTY_LIST);
    await Promise.all(Array.from({ length: 10 }, () => cams.read(scopeOf('globex'))));
  });

  it('does not affect another account', async () => {
    cams.connect({ CAMS_QPS: QPS });
    cams.answerWith(FAULT);
    await readUntilNothingIsSent();
    cams.answerWith(EMPTY_LIST);
    await cams.read(scopeOf('globex', accountWith(undefined, 'other')));
  });

  it('costs at most a fifth more calls by retries', async () => {
    cams.answerWith(FAULT);
    for (let reads = 0; reads < 100; reads += 1) await errorOf(cams.read());
    // Ten retries were saved up.
    expect(cams.requests.length).toBeLessThanOrEqual(100 + 20 + 10);
    expect(cams.requests.length).toBeGreaterThan(110);
  });

  it('leaves each tenant its own retries', async () => {
    cams.answerWith(FAULT);
    let sent = 0;
    do {
      sent = cams.requests.length;
      await errorOf(cams.read());
    } while (cams.requests.length > sent + 1);
    sent += 1;
    cams.answerWith((...call) => (call[2] === sent ? FAULT : EMPTY_LIST)(...call));
    await cams.read(scopeOf('globex'));
    expect(cams.requests.length).toBe(sent + 2);
  });
});

it('a slow account is still called for others if the clients of two tenants leave', async () => {
  cams.connect({ CAMS_QPS: QPS, CAMS_TIMEOUT_MS: '3000' });
  cams.answerWith((...call) => void setTimeout(() => EMPTY_LIST(...call), 2_000));
  const request = new RequestContext('leaves', 10_000);
  const left = ['acme', 'globex'].flatMap((tenant) =>
    Array.from({ length: 14 }, () => errorOf(cams.read(scopeOf(tenant, accountWith(), request)))),
  );
  await until(() => cams.requests.length === left.length);
  await sleep(1_600);
  request.interest.requestEnded();
  await Promise.all(left);
  await Promise.all(Array.from({ length: 10 }, () => cams.read(scopeOf('third'))));
});

it('an account whose calls got too little time is still called', async () => {
  cams.connect({ CAMS_QPS: QPS });
  cams.answerWith(hang);
  const late = Array.from({ length: 15 }, () => errorOf(cams.read(scopeWithin(TOO_LITTLE_MS))));
  for (const { code } of await Promise.all(late)) expect(code).toBe('UPSTREAM_TIMEOUT');
  cams.answerWith(EMPTY_LIST);
  await cams.read();
});

describe('an account whose calls are refused', () => {
  it.each([
    ['for their input', { Code: 'InvalidParameter.SubjectInvalid' }],
    ['for missing grants', { Code: 'NoPermission' }],
  ])('%s is still called', async (_, body) => {
    cams.connect({ CAMS_QPS: QPS });
    cams.answerWith(json(body));
    for (let reads = 0; reads < 40; reads += 1) await errorOf(cams.read());
    expect(cams.requests).toHaveLength(40);
  });
});
