import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextPass } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { RequestMonitor } from '../../src/cams/request-monitor.js';
import { scopeOf } from '../support/cams-callers.js';
import { CamsFixture, until } from '../support/cams-fixture.js';
import { json, raw } from '../support/cams-wire-double.js';

const cams = new CamsFixture();

const BRIEF = 'x'.repeat(60 * 1_024);
const LONG = 'x'.repeat(70 * 1_024);

/** A request under a monitor whose turns the test grants. */
class MonitoredRequest {
  readonly #grants: (() => void)[] = [];
  readonly monitor = new RequestMonitor(1_000_000, performance.now() + 60_000, async () => {
    await new Promise<void>((resolve) => this.#grants.push(resolve));
  });
  readonly #request: ClientRequest;
  readonly body: Promise<string>;
  hasEnded = false;

  constructor() {
    this.#request = this.monitor.run(() => request(`http://${cams.double.host}/`));
    this.body = this.#read();
    this.#request.end();
  }

  get turns(): number {
    return this.#grants.length;
  }

  grant(): void {
    for (const grant of this.#grants) grant();
  }

  async #read(): Promise<string> {
    const [answer] = await once(this.#request, 'response');
    const body = await buffer(answer);
    this.hasEnded = true;
    return body.toString();
  }
}

describe('the end of a response', () => {
  it('that is brief is not held back', async () => {
    cams.answerWith(raw(BRIEF));
    const sent = new MonitoredRequest();
    expect(await sent.body).toBe(BRIEF);
    expect(sent.turns).toBe(0);
  });

  it.each([
    ['whose connection stays open', {}],
    ['whose connection closes', { connection: 'close' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('that is long waits for a turn: one %s', async (_, headers) => {
    cams.answerWith(raw(LONG, 200, headers));
    const sent = new MonitoredRequest();
    await until(() => sent.turns > 0);
    // Enough for the connection to close, and for Node to repeat the end.
    for (let passes = 0; passes < 100; passes += 1) await nextPass();
    expect(sent.hasEnded).toBe(false);
    sent.grant();
    expect(await sent.body).toBe(LONG);
    expect(sent.turns).toBe(1);
  });

  it('does not come if the request was aborted meanwhile: nobody needs the response', async () => {
    cams.answerWith(raw(LONG));
    const sent = new MonitoredRequest();
    const failed = expect(sent.body).rejects.toThrow('aborted');
    await until(() => sent.turns > 0);
    sent.monitor.abort();
    for (let passes = 0; passes < 100; passes += 1) await nextPass();
    sent.grant();
    await failed;
  });
});

it('long responses that arrive together are not all parsed before anything else is done', async () => {
  const COUNT = 40;
  const group = { GroupId: '1', GroupStatus: 'ACTIVE', Description: 'long '.repeat(400) };
  const list = Array.from({ length: 100 }, (_, n) => ({ ...group, GroupId: `12036302${n}` }));
  const answer = json({ Code: 'OK', Data: { Total: list.length, List: list } });
  const waiting: (() => void)[] = [];
  cams.answerWith((...args) => {
    waiting.push(() => answer(...args));
    if (waiting.length === COUNT) for (const send of waiting) send();
  });
  const progress = { read: 0, most: 0 };
  const pages = Array.from({ length: COUNT }, async () => {
    const call = cams.client.call(scopeOf(), 'listChatGroups', { page: { index: 1, size: 100 } });
    const { result } = await call.finally(() => (progress.read += 1));
    return result.groups.length;
  });
  while (progress.read < COUNT) {
    const before = progress.read;
    await nextPass();
    progress.most = Math.max(progress.most, progress.read - before);
  }
  expect(await Promise.all(pages)).toEqual(Array.from({ length: COUNT }, () => list.length));
  expect(progress.most).toBeLessThanOrEqual(2);
});
