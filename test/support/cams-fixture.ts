import { afterEach, beforeEach, expect, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { CamsAnswer } from '../../src/cams/call.js';
import type { CamsClient } from '../../src/cams/cams-client.js';
import type { CamsGroupPage } from '../../src/cams/api.js';
import { GatewayError } from '../../src/errors/gateway-error.js';
import type { Metrics } from '../../src/telemetry/metrics.js';
import { clientOf, scopeOf } from './cams-callers.js';
import {
  type WireAnswer,
  type WireDouble,
  type WireRequest,
  json,
  startWireDouble,
} from './cams-wire-double.js';

export const PAGE = { page: { index: 1, size: 20 } };
export const READ = ['listChatGroups', PAGE] as const;
export const WRITE = ['deleteChatGroup', { groupId: 'g1' }] as const;
export const EMPTY_LIST = json({ Code: 'OK', Data: { Total: 0, List: [] } });

/** A client, the test double that it calls, and the client's log. All are new for each test. */
export class CamsFixture {
  #double: WireDouble | undefined;
  #connected: { client: CamsClient; metrics: Metrics } | undefined;
  readonly logged: unknown[] = [];

  constructor() {
    beforeEach(async () => {
      this.logged.length = 0;
      const log = (...line: unknown[]): number => this.logged.push(line);
      Logger.overrideLogger({ log, warn: log, error: log, debug: log, verbose: log, fatal: log });
      this.#double = await startWireDouble();
      this.connect();
    });
    afterEach(() => this.double.close());
  }

  get double(): WireDouble {
    if (this.#double === undefined) throw new Error('The test double runs only during tests.');
    return this.#double;
  }

  get requests(): readonly WireRequest[] {
    return this.double.requests;
  }

  get client(): CamsClient {
    if (this.#connected === undefined) throw new Error('The client exists only during tests.');
    return this.#connected.client;
  }

  answerWith(answer: WireAnswer): void {
    this.double.answer = answer;
  }

  /** Creates a new client with other settings or another endpoint. */
  connect(env: Record<string, string> = {}, endpoint = `http://${this.double.host}`): void {
    this.#connected = clientOf(endpoint, env);
  }

  read(scope = scopeOf()): Promise<CamsAnswer<CamsGroupPage>> {
    return this.client.call(scope, ...READ);
  }

  /** Sends a write. `beforeSend` runs after the permit is acquired. */
  async write(
    scope = scopeOf(),
    beforeSend?: () => Promise<void>,
  ): Promise<CamsAnswer<{ affected: number }>> {
    const call = this.client.prepare(scope, ...WRITE);
    try {
      await call.acquirePermit();
      await beforeSend?.();
      return await call.send();
    } finally {
      call.releasePermit();
    }
  }

  /** Returns the value of a counter or gauge, or the count of a histogram, with these labels. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
    const text = await this.#connected?.metrics.registry.getSingleMetricAsString(name);
    const line = text?.split('\n').find((candidate) => {
      const [series = ''] = candidate.split(' ');
      const named = series.replace(/\{.*/, '') === name || series.startsWith(`${name}_count`);
      return named && Object.entries(labels).every(([key, label]) => series.includes(`${key}="${label}"`));
    });
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  }
}

/** Returns the `GatewayError` that a call throws. Fails on any other result. */
export async function errorOf(call: Promise<unknown>): Promise<GatewayError> {
  const thrown = await call.then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (thrown instanceof GatewayError) return thrown;
  expect(thrown).toBeInstanceOf(GatewayError);
  throw thrown;
}

/** Polls a condition on every turn of the event loop, without timers. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Runs with fake timers that only the test advances. Sockets keep working. */
export async function withFakeClock(run: () => Promise<void>): Promise<void> {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] });
  try {
    await run();
  } finally {
    jest.useRealTimers();
  }
}
