import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type NoResponse } from '../../test/simulations/fuzz/wire/connection.js';
import type { WireResponse } from '../../test/simulations/fuzz/wire/response-parser.js';
import { bytesOf, type WireRequest } from '../../test/simulations/fuzz/wire/wire-request.js';
import { quantile } from '../statistics/quantile.js';
import type { Load } from './closed-loop.js';
import type { LoadRequest } from './load-request.js';

/** Responses of one kind. Times in ms, from when a request was due. */
export interface Responses {
  readonly count: number;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

export interface OpenLoopResult {
  readonly offered: number;
  /** As expected. */
  readonly good: Responses;
  /** 429 and 503. */
  readonly refused: Responses;
  /** Requests on new connections that were closed without a response, as beyond `MAX_CONNECTIONS`. */
  readonly turnedAway: number;
  /** Other statuses and connections that failed, by what was received. */
  readonly failed: Readonly<Record<string, number>>;
  /** Of the good responses, how many were received per second while requests were offered. */
  readonly goodPerSecond: number;
  /** How long requests were offered. */
  readonly seconds: number;
}

const RESPONSE_MS = 60_000;
/** It repeats what so many connections of a closed loop send, so that both send the same variety. */
const DRAWN_CONNECTIONS = 64;
const REFUSALS: ReadonlySet<number> = new Set([429, 503]);

/**
 * Offers `perSecond` requests per second at an even pace, however many responses are outstanding: beyond `connections`, each further
 * request opens a connection. Unlike `paced`, it accepts refusals.
 */
export async function openLoop(
  { url, connections, requests, status, accepts }: Omit<Load, 'until'>,
  perSecond: number,
  seconds: number,
): Promise<OpenLoopResult> {
  const senders = await Connections.open(new URL(url), connections);
  const drawn = Array.from({ length: DRAWN_CONNECTIONS }, (_, connection) => requests(connection)).flat();
  const queue = drawn.map((request) => ({ bytes: bytesOf(wireOf(request)), method: request.method }));
  const count = Math.floor(perSecond * seconds);
  const good: number[] = [];
  const refused: number[] = [];
  const failed: Record<string, number> = {};
  const outstanding = new Set<Promise<void>>();
  const startedAt = performance.now();
  let turnedAway = 0;
  let goodInTime = 0;
  let offeredFor = Infinity;
  const one = (index: number, dueAt: number): void => {
    const request = queue[index % queue.length];
    if (request === undefined) throw new Error('No requests to send.');
    const done = senders
      .send(request.bytes, request.method)
      .then((outcome) => note(outcome, dueAt))
      .finally(() => outstanding.delete(done));
    outstanding.add(done);
  };
  const note = (outcome: WireResponse | NoResponse, dueAt: number): void => {
    const tookMs = performance.now() - dueAt;
    const received = typeof outcome === 'string' ? undefined : outcome;
    const text = received?.body.toString() ?? '';
    if (received?.status === status && accepts(text)) {
      good.push(tookMs);
      if (offeredFor === Infinity) goodInTime += 1;
    }
    // GraphQL reports the refusal of a call within a response with 200.
    else if (REFUSALS.has(received?.status ?? 0) || /"status":(429|503)/.test(text)) refused.push(tookMs);
    else if (outcome === 'closed') turnedAway += 1;
    else {
      const what = typeof outcome === 'string' ? outcome : `${outcome.status}`;
      failed[what] = (failed[what] ?? 0) + 1;
    }
  };
  try {
    for (let sent = 0; sent < count; await sleep(1)) {
      const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond));
      for (; sent < due; sent += 1) one(sent, startedAt + (sent / perSecond) * 1_000);
    }
    offeredFor = (performance.now() - startedAt) / 1_000;
    await Promise.all(outstanding);
  } finally {
    senders.close();
  }
  return {
    offered: count,
    good: responsesOf(good),
    refused: responsesOf(refused),
    turnedAway,
    failed,
    goodPerSecond: goodInTime / offeredFor,
    seconds: offeredFor,
  };
}

function responsesOf(times: readonly number[]): Responses {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number | undefined =>
    sorted.length === 0 ? undefined : quantile(sorted, share);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
}

/** Fewer than a listening socket lets wait (511). */
const OPENED_AT_ONCE = 100;
/** Sent first on every connection: the gateway closes those that stay silent. */
const FIRST = bytesOf({ method: 'HEAD', target: '/', headers: [['Host', '127.0.0.1']] });

/** Connections, some of which are open before the load begins. Much cheaper than Node's client. */
class Connections {
  readonly #idle: Connection[] = [];

  private constructor(private readonly url: URL) {}

  static async open(url: URL, count: number): Promise<Connections> {
    const connections = new Connections(url);
    while (connections.#idle.length < count) {
      const more = Math.min(OPENED_AT_ONCE, count - connections.#idle.length);
      const opened = Array.from({ length: more }, () => connections.#connect());
      await Promise.all(opened.map((connection) => connection.send(FIRST, 'HEAD')));
      connections.#idle.push(...opened);
    }
    return connections;
  }

  /** Sends on an idle connection, or on a new one. */
  async send(bytes: Buffer, method: string): Promise<WireResponse | NoResponse> {
    const connection = this.#idle.pop() ?? this.#connect();
    const outcome = await connection.send(bytes, method);
    if (!connection.over) this.#idle.push(connection);
    return outcome;
  }

  close(): void {
    for (const connection of this.#idle) connection.close();
  }

  #connect(): Connection {
    return new Connection(this.url, RESPONSE_MS);
  }
}

function wireOf({ method, path, headers, body }: LoadRequest): WireRequest {
  return {
    method,
    target: path,
    headers: [['Host', '127.0.0.1'], ...Object.entries(headers)],
    ...(body !== undefined && { body: Buffer.from(body) }),
  };
}
