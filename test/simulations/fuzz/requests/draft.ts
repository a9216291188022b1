import type { RunTenant } from '../../tenants.js';
import type { WireRequest } from '../wire/wire-request.js';

/** A request of the fuzzer. */
export interface FuzzRequest {
  /** Counts up. */
  readonly index: number;
  /** REST operation ID, or GraphQL fields, or what else it is. */
  readonly operation: string;
  readonly transport: 'REST' | 'GraphQL' | 'raw';
  /** The tenant whose data the response may show. */
  readonly owner: RunTenant | undefined;
  /** The ID that the request asks the gateway to log. Unique. */
  readonly callerId: string;
  readonly wire: WireRequest;
}

/** A request without credentials and unusual parts. */
export interface Draft {
  readonly operation: string;
  readonly transport: FuzzRequest['transport'];
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  /** JSON text. */
  readonly body?: string;
}

/** Encodes a part of a path or query; lone surrogates as bytes that are not UTF-8. */
export function encoded(value: unknown): string {
  return String(value)
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\uffff')
    .split('\uffff')
    .map((part) => encodeURIComponent(part))
    .join('%ED%A0%80');
}
