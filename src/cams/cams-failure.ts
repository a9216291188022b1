import { cleanRequestId } from './clean-message.js';
import { isRecord } from '../util/is-record.js';
import { parseJson } from '../util/parse-json.js';

/** Why a call gave no result. */
export type CamsFailure =
  /** CAMS returned an error code or an HTTP error. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      /** `code` and `message` as CAMS sent them: clean them before showing or logging them. */
      readonly code: unknown;
      readonly message: unknown;
      readonly requestId: string | undefined;
      /** The value of `Success`, used only to report contradictions. */
      readonly claimsSuccess?: unknown;
      /** How long to wait before the next attempt, if CAMS says. */
      readonly retryAfterSeconds?: number | undefined;
      /** Which permission is missing. For the operator's log only: it names accounts and users. */
      readonly accessDeniedDetail?: unknown;
    }
  /** The response does not match the CAMS contract. */
  | {
      readonly kind: 'broken';
      readonly what: string;
      readonly status: number | undefined;
      readonly requestId?: string | undefined;
    }
  | {
      readonly kind: 'short-page';
      /** See `ShortPage`. */
      readonly maxSize: number | undefined;
      readonly requestId: string | undefined;
    }
  /** No response within the deadline. `sent` is false only if it is certain that nothing was sent. */
  | { readonly kind: 'timeout'; readonly sent: boolean }
  /** The connection failed. */
  | { readonly kind: 'lost'; readonly sent: boolean; readonly errorCode: string };

/** What is known about a call besides the error that the client threw. */
export interface WireFacts {
  readonly mayHaveBeenSent: boolean;
  readonly status: number | undefined;
  readonly tooLarge: boolean;
  readonly notUtf8: boolean;
  readonly tooDeep: boolean;
  readonly retryAfterSeconds: number | undefined;
}

/** The client parses such a response all the same, with its invalid bytes replaced. */
export const NOT_UTF8 = 'not UTF-8';

export const TOO_DEEP = 'nested too deeply';

/** Errors that can only occur before a connection is established. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Classifies an error of the vendor's client. Its message is never passed on: it contains the whole URL. */
export function classifyThrown(thrown: unknown, facts: WireFacts): CamsFailure {
  const broken = (what: string): CamsFailure => ({ kind: 'broken', what, status: facts.status });
  if (facts.tooLarge) return broken('response too large');
  if (facts.notUtf8) return broken(NOT_UTF8);
  if (facts.tooDeep) return broken(TOO_DEEP);
  // Recognized by name, not by class: Node's own errors cross realms.
  if (!isRecord(thrown)) return broken('not an error object');
  if (String(thrown['name']).includes('Timeout')) return { kind: 'timeout', sent: facts.mayHaveBeenSent };
  const { code, data, statusCode } = thrown;
  if (data !== undefined) return refusal(data, code, statusCode ?? facts.status, facts);
  if (facts.status === undefined && typeof code === 'string') return lost(code, facts);
  // From here on, a response has begun. A connection that ends within it counts as lost, as the retry of reads expects.
  if (code === 'ECONNRESET' || code === 'EPIPE') return lost(code, facts);
  return broken(thrown['name'] === 'SyntaxError' ? 'not JSON' : 'not an object');
}

function lost(errorCode: string, facts: WireFacts): CamsFailure {
  return { kind: 'lost', sent: facts.mayHaveBeenSent && !NEVER_CONNECTED.has(errorCode), errorCode };
}

/** Classifies an HTTP error. Some builds of the client pass the body as text. */
function refusal(data: unknown, code: unknown, statusCode: unknown, facts: WireFacts): CamsFailure {
  const body = typeof data === 'string' ? parseJson(data) : data;
  const status = typeof statusCode === 'number' ? statusCode : 0;
  if (!isRecord(body)) return { kind: 'broken', what: 'not an object', status };
  const requestId = cleanRequestId(body['RequestId'] ?? body['requestId']);
  const written = body['Code'] ?? body['code'] ?? code;
  if (written === 'OK') return { kind: 'broken', what: 'OK with an HTTP error', status, requestId };
  return {
    kind: 'refused',
    status,
    code: written,
    message: body['Message'] ?? body['message'],
    requestId,
    claimsSuccess: body['Success'],
    retryAfterSeconds: facts.retryAfterSeconds,
    accessDeniedDetail: body['AccessDeniedDetail'] ?? body['accessDeniedDetail'],
  };
}
