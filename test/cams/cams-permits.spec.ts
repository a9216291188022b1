import { describe, expect, it, jest } from '@jest/globals';
import { scopeOf, scopeWithin } from '../support/cams-callers.js';
import { CamsFixture, EMPTY_LIST, errorOf, until, withFakeClock } from '../support/cams-fixture.js';
import { hang } from '../support/cams-wire-double.js';

const cams = new CamsFixture();

describe('the client', () => {
  it('never sends a request that is too long', async () => {
    cams.connect({ CAMS_MAX_URL_BYTES: '1024' });
    const call = (length: number) =>
      cams.client.call(scopeOf(), 'addChatGroup', { subject: 's', description: '字'.repeat(length) });
    expect((await errorOf(call(120))).code).toBe('PAYLOAD_TOO_LARGE');
    expect(cams.requests).toHaveLength(0);
    await expect(call(50)).resolves.toBeDefined();
  });

  it('measures the encoded URL to the byte', async () => {
    const subject = "it's (京都) +*!";
    await cams.client.call(scopeOf(), 'addChatGroup', { subject: `${subject}${'x'.repeat(900)}` });
    const urlBytes = `http://${cams.double.host}/?${cams.requests[0]?.query}`.length;
    expect(urlBytes).toBeGreaterThan(1_024);
    cams.connect({ CAMS_MAX_URL_BYTES: String(urlBytes) });
    await cams.client.call(scopeOf(), 'addChatGroup', { subject: `${subject}${'x'.repeat(900)}` });
    cams.connect({ CAMS_MAX_URL_BYTES: String(urlBytes - 1) });
    const call = cams.client.call(scopeOf(), 'addChatGroup', { subject: `${subject}${'x'.repeat(900)}` });
    expect((await errorOf(call)).code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('never sends a lone surrogate', async () => {
    const call = cams.client.call(scopeOf(), 'addChatGroup', { subject: 'a\ud800' });
    expect((await errorOf(call)).code).toBe('VALIDATION_FAILED');
    expect(cams.requests).toHaveLength(0);
  });

  it('never sends a call that has no time left', async () => {
    expect(await errorOf(cams.write(scopeWithin(10)))).toMatchObject({
      code: 'OVERLOADED',
      options: { retryAfterSeconds: 1 },
    });
    expect(cams.requests).toHaveLength(0);
  });

  it('never sends a call that waited too long for a permit', async () => {
    await withFakeClock(async () => {
      cams.double.answer = hang;
      cams.connect({ CAMS_MAX_CONCURRENCY: '1' });
      const held = errorOf(cams.read());
      await until(() => cams.requests.length === 1);
      const waited = errorOf(cams.write(scopeWithin(2_000)));
      await jest.advanceTimersByTimeAsync(1_750);
      expect((await waited).code).toBe('OVERLOADED');
      await jest.advanceTimersByTimeAsync(8_000);
      expect((await held).code).toBe('UPSTREAM_TIMEOUT');
      expect(cams.requests).toHaveLength(1);
    });
  });
});

describe('permits', () => {
  it('limit the calls in flight, and are counted', async () => {
    const answers: (() => void)[] = [];
    cams.double.answer = (...call) => answers.push(() => EMPTY_LIST(...call));
    cams.connect({ CAMS_MAX_CONCURRENCY: '2' });
    const calls = Array.from({ length: 6 }, () => cams.read());
    await until(() => answers.length === 2);
    expect(await cams.metric('gateway_cams_calls_under_way')).toBe(2);
    expect(await cams.metric('gateway_cams_calls_waiting')).toBe(4);
    for (let answered = 0; answered < 6; answered++) {
      await until(() => answers.length > 0);
      expect(cams.requests.length - answered).toBeLessThanOrEqual(2);
      answers.shift()?.();
    }
    await Promise.all(calls);
    expect(await cams.metric('gateway_cams_calls_waiting')).toBe(0);
  });
});
