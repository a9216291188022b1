import OpenApi from '@alicloud/openapi-client';
import { type CamsFailure, classifyThrown, NOT_UTF8, TOO_DEEP } from './cams-failure.js';
import { cleanRequestId } from './clean-message.js';
import type { AccountClient } from './credentials.js';
import type { CamsQuery } from './api.js';
import { type CamsAction, CAMS_VERSION } from './wire.js';
import { withFallback } from '../util/with-timeout.js';
import { RequestMonitor } from './request-monitor.js';
import { isRecord } from '../util/is-record.js';

/** A response whose `Code` is `OK`. */
export interface CamsSuccess {
  readonly kind: 'success';
  readonly body: Readonly<Record<string, unknown>>;
  readonly requestId: string | undefined;
  /** Size of the response. */
  readonly bytes: number;
  /** The value of `Success`, used only to report contradictions. */
  readonly claimsSuccess: unknown;
}

export interface SignedCall {
  /** Never rejects, and settles by the deadline. */
  readonly answer: Promise<CamsSuccess | CamsFailure>;
  /** Settles when the request has ended, or after a grace period. Never rejects. */
  readonly ended: Promise<unknown>;
  /** Ends the request, because nobody waits for the response. */
  readonly abandon: () => void;
  /** By how much CAMS' clock is ahead of ours, ms. Known once a response has begun, if CAMS sent its date. */
  readonly clockOffsetMs: () => number | undefined;
}

/** More headers, which the signature does not cover. */
type CamsHeaders = Readonly<Record<string, string>>;

/** A thousand groups with the longest possible texts. */
const MAX_ANSWER_BYTES = 16 * 1_024 * 1_024;
/** How long an aborted request may take to end. Its permit is released after that in any case. */
const END_GRACE_MS = 2_000;

/**
 * Sends one signed request with a deadline. The client's own timers fire late or never (they share state with earlier
 * calls on the same socket), so the deadline is enforced here: it aborts the request and its socket, so that hung calls
 * do not pile up.
 */
export function sendSigned(
  client: AccountClient,
  action: CamsAction,
  query: CamsQuery,
  deadlineMs: number,
  turn: () => Promise<void>,
  headers: CamsHeaders = {},
): SignedCall {
  const watch = new RequestMonitor(MAX_ANSWER_BYTES, performance.now() + deadlineMs, turn, client.route);
  const backstopMs = deadlineMs + END_GRACE_MS;
  const call = watch.run(() => callApi(client, action, { query, headers }, backstopMs));
  const outcome = call.then(
    (response) => readEnvelope(response, watch),
    (thrown: unknown) => classifyThrown(thrown, watch),
  );
  const answer = withFallback<CamsSuccess | CamsFailure>(outcome, deadlineMs, () => {
    const sent = watch.mayHaveBeenSent;
    watch.abort();
    return { kind: 'timeout', sent };
  });
  const ended = withFallback<unknown>(outcome, backstopMs, () => undefined);
  return { answer, ended, abandon: () => watch.abort(), clockOffsetMs: () => watch.clockOffsetMs };
}

async function callApi(
  client: AccountClient,
  action: CamsAction,
  request: { readonly query: CamsQuery; readonly headers: CamsHeaders },
  timeoutMs: number,
): Promise<unknown> {
  const params = new OpenApi.Params({
    action,
    version: CAMS_VERSION,
    protocol: 'HTTPS',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  // The class of these options is in a package that we do not depend on; the client only reads the fields.
  const runtime = {
    readTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    autoretry: false,
    toMap: () => ({}),
  };
  return client.callApi(params, new OpenApi.OpenApiRequest(request), runtime);
}

/** Failures also come with HTTP 200, and redirects resolve like success: only `Code` on a 200 decides. */
function readEnvelope(answer: unknown, watch: RequestMonitor): CamsSuccess | CamsFailure {
  const { statusCode, body } = isRecord(answer) ? answer : {};
  const status = typeof statusCode === 'number' ? statusCode : undefined;
  if (watch.notUtf8) return { kind: 'broken', what: NOT_UTF8, status };
  if (watch.tooDeep) return { kind: 'broken', what: TOO_DEEP, status };
  if (status !== 200) return { kind: 'broken', what: 'neither success nor error', status };
  if (!isRecord(body)) return { kind: 'broken', what: 'not an object', status };
  const requestId = cleanRequestId(body['RequestId']);
  const code = body['Code'];
  if (typeof code !== 'string' || code === '') return { kind: 'broken', what: 'no Code', status, requestId };
  const claimsSuccess = body['Success'];
  if (code === 'OK') return { kind: 'success', body, requestId, bytes: watch.receivedBytes, claimsSuccess };
  const { Message: message, AccessDeniedDetail: accessDeniedDetail } = body;
  return {
    kind: 'refused',
    status,
    code,
    message,
    requestId,
    claimsSuccess,
    retryAfterSeconds: watch.retryAfterSeconds,
    accessDeniedDetail,
  };
}
