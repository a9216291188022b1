import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CommandQueue } from './command-queue.js';
import { RedisUnavailable } from './redis-unavailable.js';

const LIMITS = { timeoutMs: 100, maxUnanswered: 2 };

/** A server whose replies the test controls. */
function server(): { readonly sent: PromiseWithResolvers<string>[]; readonly send: () => Promise<string> } {
  const sent: PromiseWithResolvers<string>[] = [];
  const send = (): Promise<string> => {
    const reply = Promise.withResolvers<string>();
    sent.push(reply);
    return reply.promise;
  };
  return { sent, send };
}

function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: unknown) => (error instanceof RedisUnavailable ? error.kind : error));
}

describe('CommandQueue', () => {
  const timedOut = jest.fn();
  let calls: CommandQueue;
  beforeEach(() => {
    jest.useFakeTimers();
    timedOut.mockClear();
    calls = new CommandQueue(LIMITS, timedOut);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('queues calls beyond the limit of unanswered ones and sends them in order', async () => {
    const { sent, send } = server();
    const all = [1, 2, 3].map(() => calls.run(send));
    expect(sent).toHaveLength(2);
    sent[1]?.resolve('second');
    expect(await all[1]).toBe('second');
    expect(sent).toHaveLength(3);
    for (const reply of sent) reply.resolve('other');
    expect(await Promise.all(all)).toEqual(['other', 'second', 'other']);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(timedOut).not.toHaveBeenCalled();
  });

  it('never sends a call that times out in the queue', async () => {
    const { sent, send } = server();
    const all = Array.from({ length: 10 }, () => outcome(calls.run(send)));
    await jest.advanceTimersByTimeAsync(101);
    expect(await Promise.all(all)).toEqual(Array(10).fill('timeout'));
    expect(timedOut).toHaveBeenCalledTimes(10);
    for (const reply of sent) reply.resolve('late');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(sent).toHaveLength(2);
  });

  it('does not take a server for silent because many calls wait for it', async () => {
    const { sent, send } = server();
    const all = Array.from({ length: 20 }, () => outcome(calls.run(send)));
    for (let reply = 0; reply < 20; reply++) {
      await jest.advanceTimersByTimeAsync(30);
      sent[reply]?.resolve('in turn');
    }
    const outcomes = await Promise.all(all);
    expect(outcomes.filter((kind) => kind === 'timeout').length).toBeGreaterThan(10);
    expect(timedOut).not.toHaveBeenCalled();
  });

  it('does not take a server for silent because this process was busy since its latest reply', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const { sent, send } = server();
    const all = [1, 2, 3].map(() => outcome(calls.run(send)));
    await jest.advanceTimersByTimeAsync(90);
    sent[0]?.resolve('here');
    expect(await all[0]).toBe('here');
    const untilMs = performance.now() + LIMITS.timeoutMs;
    while (performance.now() < untilMs);
    await jest.advanceTimersByTimeAsync(11);
    expect(await Promise.all(all.slice(1))).toEqual(['timeout', 'timeout']);
    expect(timedOut).not.toHaveBeenCalled();
  });

  it('sends no more calls to a silent server until a late reply arrives', async () => {
    const { sent, send } = server();
    const first = [1, 2].map(() => outcome(calls.run(send)));
    await jest.advanceTimersByTimeAsync(101);
    expect(await Promise.all(first)).toEqual(['timeout', 'timeout']);
    const next = outcome(calls.run(send));
    expect(sent).toHaveLength(2);
    sent[0]?.resolve('late');
    await jest.advanceTimersByTimeAsync(1);
    expect(sent).toHaveLength(3);
    sent[2]?.resolve('in time');
    expect(await next).toBe('in time');
  });

  it('reports whether the caller is still waiting', async () => {
    const seen: boolean[] = [];
    const reply = Promise.withResolvers<void>();
    const call = outcome(
      calls.run(async (live) => {
        seen.push(live());
        await reply.promise;
        seen.push(live());
      }),
    );
    await jest.advanceTimersByTimeAsync(101);
    reply.resolve();
    expect(await call).toBe('timeout');
    await jest.advanceTimersByTimeAsync(1);
    expect(seen).toEqual([true, false]);
  });

  it('fails all calls when the server is lost, sent or not', async () => {
    const { sent, send } = server();
    const all = [1, 2, 3].map(() => outcome(calls.run(send)));
    calls.failAll(new RedisUnavailable('down', 'lost'));
    expect(await Promise.all(all)).toEqual(['down', 'down', 'down']);
    for (const reply of sent) reply.reject(new Error('lost'));
    await jest.advanceTimersByTimeAsync(1_000);
    expect(sent).toHaveLength(2);
    expect(timedOut).not.toHaveBeenCalled();
  });

  it('accepts a reply that arrived while the process was paused, even after the timeout', async () => {
    const { sent, send } = server();
    const call = outcome(calls.run(send));
    // After a pause, timers run before sockets are read.
    jest.advanceTimersByTime(100);
    sent[0]?.resolve('here');
    expect(await call).toBe('here');
    await jest.advanceTimersByTimeAsync(1);
    expect(timedOut).not.toHaveBeenCalled();
  });
});
