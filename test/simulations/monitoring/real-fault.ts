import type { Prometheus } from '../../support/prometheus.js';
import { TENANT } from '../soak/settings.js';
import type { Stage } from '../soak/stage.js';

/** Everything that runs, with the Prometheus that scrapes it. */
export interface FaultStage extends Stage {
  readonly prometheus: Prometheus;
}

/** A fault that makes alerts fire. */
export interface RealFault {
  readonly alerts: readonly string[];
  readonly what: string;
  /** What the fault needs, and what must not make its alerts fire. */
  readonly prepare?: (stage: FaultStage) => Promise<unknown>;
  /** Repeated until all of its alerts have fired. */
  readonly act: (stage: FaultStage) => Promise<unknown>;
  readonly end?: (stage: FaultStage) => Promise<unknown>;
}

export interface Sent {
  readonly method?: string;
  readonly body?: unknown;
  readonly key?: string;
  readonly idempotencyKey?: string;
}

/** Sends a request to the gateway with this URL; returns the status. */
export async function sendTo(url: string, path: string, sent: Sent = {}): Promise<number> {
  const { method = 'GET', body, key = TENANT.apiKey, idempotencyKey } = sent;
  const headers = {
    authorization: `Bearer ${key}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
  const options = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await fetch(`${url}${path}`, options);
  await response.text();
  return response.status;
}
