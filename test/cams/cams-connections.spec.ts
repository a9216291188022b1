import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it, jest } from '@jest/globals';
import { RequestContext } from '../../src/request/request-context.js';
import { accountWith, scopeOf, scopeWithin } from '../support/cams-callers.js';
import { CamsFixture, EMPTY_LIST, errorOf, until, withFakeClock } from '../support/cams-fixture.js';
import { type WireAnswer, hang, reset } from '../support/cams-wire-double.js';

const cams = new CamsFixture();

const BUDGET_MS = 300;
const isWrite = ({ headers }: { readonly headers: IncomingHttpHeaders }): boolean =>
  headers['x-acs-action'] === 'DeleteChatGroup';

/** Blocks this process for longer than the budget after a number of microtask turns; returns when the block began. */
async function stopAfter(steps: number): Promise<number> {
  for (let step = 0; step < steps; step += 1) await Promise.resolve();
  const stoppedAtMs = performance.now();
  while (performance.now() < stoppedAtMs + BUDGET_MS);
  return stoppedAtMs;
}

describe('connections', () => {
  it('retry a read once if the connection is reset', async () => {
    cams.double.answer = (...call) => (call[2] === 0 ? reset : EMPTY_LIST)(...call);
    await expect(cams.read()).resolves.toMatchObject({ result: { total: 0 } });
    expect(cams.requests).toHaveLength(2);
  });

  it('fail a read as unavailable if the connection is reset twice', async () => {
    cams.double.answer = reset;
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(cams.requests).toHaveLength(2);
  });

  it('never retry a write if the connection is reset: its outcome is unknown', async () => {
    cams.double.answer = reset;
    expect((await errorOf(cams.write())).code).toBe('OUTCOME_UNKNOWN');
    expect(cams.requests).toHaveLength(1);
  });

  it('report an unknown outcome if the response to a write ends early', async () => {
    cams.double.answer = (response, { socket }) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"Code":"OK"', () => socket.destroy());
    };
    expect((await errorOf(cams.write())).code).toBe('OUTCOME_UNKNOWN');
    expect(cams.requests).toHaveLength(1);
  });

  it('report that a write was not executed if the connection is refused', async () => {
    await cams.double.close();
    expect((await errorOf(cams.write())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('report that a write was not executed if the host does not resolve', async () => {
    cams.connect({}, 'https://cams.invalid');
    expect((await errorOf(cams.write())).code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('report that a write was not executed if the TLS handshake fails', async () => {
    cams.connect({}, `https://${cams.double.host}`);
    expect((await errorOf(cams.write())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(cams.requests).toHaveLength(0);
  });

  it('are not made for a read whose client leaves before its request is made', async () => {
    cams.answerWith(hang);
    const request = new RequestContext('leaves', 10_000);
    const read = errorOf(cams.read(scopeOf('acme', accountWith(), request)));
    // The vendor's client makes its request some turns later.
    for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    request.interest.requestEnded();
    expect((await read).code).toBe('OVERLOADED');
    // Long before the call would have timed out.
    expect(await cams.metric('gateway_cams_calls_under_way')).toBe(0);
    expect(cams.requests).toHaveLength(0);
  });

  it('are reused', async () => {
    cams.double.answer = EMPTY_LIST;
    await cams.read();
    await cams.read();
    expect(cams.requests[1]?.socket).toBe(cams.requests[0]?.socket);
  });

  it('ignore the proxies of the environment', async () => {
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = 'http://127.0.0.1:1';
    try {
      cams.double.answer = EMPTY_LIST;
      cams.connect();
      await expect(cams.read()).resolves.toMatchObject({ result: { total: 0 } });
      expect(cams.requests[0]?.path).toBe('/');
    } finally {
      names.forEach((name, index) => {
        if (before[index] === undefined) delete process.env[name];
        else process.env[name] = before[index];
      });
    }
  });
});

describe('the deadline', () => {
  const STALLED: [string, WireAnswer][] = [
    ['never arrives', hang],
    ['stops in the middle of its body', (response) => void response.writeHead(200).write('{"Code"')],
  ];

  it.each(STALLED)('ends a call whose response %s, and closes the connection', async (_title, answer) => {
    cams.double.answer = answer;
    cams.connect({ CAMS_TIMEOUT_MS: '600' });
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_TIMEOUT');
    expect((await errorOf(cams.write())).code).toBe('OUTCOME_UNKNOWN');
    await until(() => cams.requests.every(({ socket }) => socket.destroyed));
    expect(cams.requests).toHaveLength(2);
  });

  it.each(STALLED)('releases the permits of calls whose response %s', async (_title, answer) => {
    cams.double.answer = answer;
    cams.connect({ CAMS_TIMEOUT_MS: '600', CAMS_MAX_CONCURRENCY: '1' });
    await Promise.all(Array.from({ length: 4 }, () => errorOf(cams.read())));
    cams.double.answer = EMPTY_LIST;
    await expect(cams.read()).resolves.toMatchObject({ result: { total: 0 } });
    await until(() => cams.requests.slice(0, 4).every(({ socket }) => socket.destroyed));
  });

  it('is the remaining budget of the request if that is shorter', async () => {
    await withFakeClock(async () => {
      cams.double.answer = hang;
      const error = errorOf(cams.write(scopeWithin(400)));
      await until(() => cams.requests.length === 1);
      await jest.advanceTimersByTimeAsync(400);
      expect((await error).code).toBe('OUTCOME_UNKNOWN');
    });
  });

  it('holds even if the process is blocked at any point before it sends', async () => {
    cams.double.answer = (...call) => (isWrite(call[1]) ? hang : EMPTY_LIST)(...call);
    let createdAtMs = 0;
    const note = (): unknown => (createdAtMs = performance.now());
    subscribe('http.client.request.created', note);
    let late = 0;
    try {
      for (let steps = 0; steps < 80; steps += 2) {
        // Open the connection first, so that the write is sent at once.
        await cams.read();
        const sentBefore = cams.requests.filter(isWrite).length;
        let stopped: Promise<number> | undefined;
        const stop = async (): Promise<void> => void (stopped = stopAfter(steps));
        const error = await errorOf(cams.write(scopeWithin(BUDGET_MS), stop));
        const stoppedAtMs = await stopped;
        const writtenAtMs = createdAtMs;
        await cams.read();
        if (stoppedAtMs === undefined || writtenAtMs < stoppedAtMs) continue;
        late += 1;
        expect(error.code).toMatch(/^(UPSTREAM_TIMEOUT|UPSTREAM_UNAVAILABLE|OUTCOME_UNKNOWN)$/);
        expect(cams.requests.filter(isWrite).length).toBe(sentBefore);
      }
    } finally {
      unsubscribe('http.client.request.created', note);
    }
    // The block took effect before sending at least once.
    expect(late).toBeGreaterThan(0);
  });

  it('is not affected by earlier calls on the same socket', async () => {
    cams.double.answer = EMPTY_LIST;
    cams.connect({ CAMS_TIMEOUT_MS: '600' });
    for (let i = 0; i < 5; i++) await cams.read();
    cams.double.answer = hang;
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_TIMEOUT');
  });

  it('is longer than the three-second timeout of the vendor’s client', async () => {
    await withFakeClock(async () => {
      cams.double.answer = hang;
      const answered = cams.read();
      await until(() => cams.requests.length === 1);
      await jest.advanceTimersByTimeAsync(7_900);
      cams.requests[0]?.socket.write(
        'HTTP/1.1 200 OK\r\ncontent-length: 44\r\n\r\n{"Code":"OK","Data":{"Total":0,"List":null}}',
      );
      await expect(answered).resolves.toMatchObject({ result: { total: 0 } });
    });
  });
});
