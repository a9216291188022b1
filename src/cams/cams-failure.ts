import { cleanRequestId } from './clean-message.js';
import { isRecord } from '../util/is-record.js';
import { parseJson } from '../util/parse-json.js';

/** Why a call gave no result; free of everything that must not be logged. */
export type CamsFailure =
  /** CAMS answered with an error code, or with an HTTP error. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      /** As CAMS wrote them: to be cleaned before anybody sees them. */
      readonly code: unknown;
      readonly message: unknown;
      readonly requestId: string | undefined;
      /** What `Success` says, which decides nothing. */
      readonly claimsSuccess?: unknown;
    }
  /** An answer came that is not what CAMS promises. */
  | {
      readonly kind: 'broken';
      readonly what: string;
      readonly status: number | undefined;
      readonly requestId?: string | undefined;
    }
  | { readonly kind: 'short-page'; readonly requestId: string | undefined }
  /** No answer within the deadline. `sent`: false only where it is certain that nothing went out. */
  | { readonly kind: 'timeout'; readonly sent: boolean }
  /** The connection failed. */
  | { readonly kind: 'lost'; readonly sent: boolean; readonly errorCode: string };

/** What is known of a call besides what the client threw. */
export interface WireFacts {
  readonly mayHaveBeenSent: boolean;
  readonly status: number | undefined;
  readonly tooLarge: boolean;
}

/** Errors that can only come before a connection stands. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** A server that closed an idle connection just as it was used again: repeating a read is right. */
export function isReset(failure: CamsFailure): boolean {
  return failure.kind === 'lost' && (failure.errorCode === 'ECONNRESET' || failure.errorCode === 'EPIPE');
}

/**
 * What an error of the vendor's client means. Its message is never read for anything but the class of the fault: it
 * holds the whole URL.
 */
export function classifyThrown(thrown: unknown, facts: WireFacts): CamsFailure {
  const broken = (what: string): CamsFailure => ({ kind: 'broken', what, status: facts.status });
  if (facts.tooLarge) return broken('answer too large');
  // Told by its name, not by its class: errors of Node's own cross realms.
  if (!isRecord(thrown)) return broken('no error object');
  if (String(thrown['name']).includes('Timeout')) return { kind: 'timeout', sent: facts.mayHaveBeenSent };
  const { code, data, statusCode } = thrown;
  if (data !== undefined) return refusal(data, code, statusCode ?? facts.status);
  if (facts.status === undefined && typeof code === 'string') return lost(code, facts);
  // From here on an answer had begun. A connection that ends within it counts as lost, as the retry of reads expects.
  if (code === 'ECONNRESET' || code === 'EPIPE') return lost(code, facts);
  return broken(thrown['name'] === 'SyntaxError' ? 'not JSON' : 'not an object');
}

function lost(errorCode: string, facts: WireFacts): CamsFailure {
  return { kind: 'lost', sent: facts.mayHaveBeenSent && !NEVER_CONNECTED.has(errorCode), errorCode };
}

/** Some builds of the client hand the body over as text. */
function refusal(data: unknown, code: unknown, statusCode: unknown): CamsFailure {
  const body = typeof data === 'string' ? parseJson(data) : data;
  const status = typeof statusCode === 'number' ? statusCode : 0;
  if (!isRecord(body)) return { kind: 'broken', what: 'not an object', status };
  const requestId = cleanRequestId(body['RequestId'] ?? body['requestId']);
  const written = body['Code'] ?? body['code'] ?? code;
  if (written === 'OK') return { kind: 'broken', what: 'OK with an HTTP error', status, requestId };
  const message = body['Message'] ?? body['message'];
  return { kind: 'refused', status, code: written, message, requestId, claimsSuccess: body['Success'] };
}
