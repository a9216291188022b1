import { setTimeout as sleep } from 'node:timers/promises';
import { ACME_KEY } from '../../support/gateway.js';
import { HeldSocket } from '../../support/held-socket.js';
import type { CountedGateway } from './gateway.js';
import { NormalClients, type NormalResult } from './normal-clients.js';

const HEADERS_TIMEOUT_MS = 5_000;
const BODY_TIMEOUT_MS = 15_000;
/** Descriptors must be free this long after the timeout. */
const FREED_WITHIN_MS = 10_000;
const INTERVAL_MS = 100;
/** More than the normal clients have at once. */
const NORMAL_CONNECTIONS = 8;
const BODY = `POST /graphql HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${ACME_KEY}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`;

export interface HalfOpenResult {
  readonly count: number;
  readonly before: number;
  readonly peak: number;
  readonly after: number;
  /** Since the connections were opened; NaN if they were not freed. */
  readonly headersFreedMs: number;
  readonly bodiesFreedMs: number;
  readonly normal: NormalResult;
  readonly kept: boolean;
}

/** Holds connections that are silent, or stop in a header or a body, while normal clients go on. */
export async function halfOpen(gateway: CountedGateway, count: number): Promise<HalfOpenResult> {
  const clients = new NormalClients(gateway.url);
  await sleep(1_000);
  const before = gateway.descriptors();
  const startMs = performance.now();
  const bodies = Math.floor(count / 3);
  const sockets = Array.from(
    { length: count },
    (_, index) => new HeldSocket(gateway.url, ['', 'GET / HTTP/1.1\r\nHo', BODY][index % 3] ?? ''),
  );
  let peak = before;
  const freed = async (atMost: number, limitMs: number): Promise<number> => {
    for (; performance.now() - startMs < limitMs; await sleep(INTERVAL_MS)) {
      const open = gateway.descriptors();
      peak = Math.max(peak, open);
      const hasBegun = peak >= before + count / 2;
      if (hasBegun && open <= atMost) return Math.round(performance.now() - startMs);
    }
    return NaN;
  };
  const headers = before + bodies + NORMAL_CONNECTIONS;
  const headersFreedMs = await freed(headers, HEADERS_TIMEOUT_MS + FREED_WITHIN_MS);
  const bodiesFreedMs = await freed(before + NORMAL_CONNECTIONS, BODY_TIMEOUT_MS + FREED_WITHIN_MS);
  const normal = await clients.stop();
  const after = gateway.descriptors();
  for (const socket of sockets) socket.destroy();
  const kept = !Number.isNaN(headersFreedMs) && !Number.isNaN(bodiesFreedMs) && normal.failed === 0;
  return { count, before, peak, after, headersFreedMs, bodiesFreedMs, normal, kept };
}
