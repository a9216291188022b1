import type { CamsAction, CamsEnvelope } from '../cams/wire.js';
import { newRequestId, newTraceId } from './ids.js';
import type { Refusal } from './refusal.js';

/** The content type of the upstream's JSON. */
export const JSON_TYPE = 'application/json;charset=utf-8';

/** An HTTP response. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** In addition to the content type. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** `Code` of the body, for the call log. */
  readonly code: string;
}

/** The result of a call: a response, a connection reset, or no response at all. */
export type Reply = Answer | 'reset' | 'hang';

export type Envelope = CamsEnvelope & Record<string, unknown>;

/**
 * How the samples on the vendor's pages differ between operations. All of these mean success; a client that rejects any
 * of them also fails against the real upstream.
 */
const ODDITIES: Partial<Record<CamsAction, CamsEnvelope>> = {
  AddChatGroup: { Success: false },
  UpdateChatGroup: { Success: false },
  DeleteChatGroupParticipants: { Success: false },
};
const WITH_NEWLINE: ReadonlySet<CamsAction> = new Set(['UpdateChatGroup', 'AddChatGroupInviteLink']);
/** The page of this operation says that `Message` is only returned with an error. */
const WITHOUT_MESSAGE: ReadonlySet<CamsAction> = new Set(['ListChatGroup']);

/** Returns the envelope of an executed operation, including the operation's fields. */
export function success(action: CamsAction, fields: Record<string, unknown>): Envelope {
  return {
    AccessDeniedDetail: 'None',
    ...(!WITHOUT_MESSAGE.has(action) && { Message: 'None' }),
    RequestId: newRequestId() + (WITH_NEWLINE.has(action) ? '\n' : ''),
    Code: 'OK',
    Success: true,
    ...ODDITIES[action],
    ...fields,
  };
}

/** Returns a response with HTTP 200, regardless of its `Code`. */
export function answer(envelope: Envelope): Answer {
  return json(200, String(envelope.Code), envelope);
}

/** Returns an error in the format of its source: the product uses HTTP 200, the vendor's gateway an error status. */
export function refused(refusal: Refusal, action: string, host: string): Answer {
  const { code, message, status, headers } = refusal;
  const RequestId = newRequestId();
  if (status === 200) {
    const body = { Code: code, Message: message, Success: false, RequestId, AccessDeniedDetail: 'None' };
    const whole = answer(body);
    return { ...whole, headers: { ...whole.headers, ...headers } };
  }
  const body = {
    RequestId,
    HostId: host,
    Code: code,
    Message: message,
    Recommend: `https://api.alibabacloud.com/troubleshoot?q=${encodeURIComponent(code)}&product=Cams&requestId=${RequestId}`,
    ...(code === 'NoPermission' && { AccessDeniedDetail: denial(action) }),
  };
  const whole = json(status, code, body);
  return { ...whole, headers: { ...whole.headers, ...headers } };
}

/** Returns the headers that the vendor's gateway adds to each of its responses. */
export function gatewayHeaders(requestId: string): Record<string, string> {
  return {
    // Without the newline that some request ids end in, and whatever else a header cannot have.
    'x-acs-request-id': requestId.replace(/[^ -~]/g, ''),
    'x-acs-trace-id': newTraceId(),
    'keep-alive': 'timeout=25',
  };
}

/** Returns an error page of the web server in front of the vendor's gateway, as sent when that gateway fails. */
export function htmlPage(status: number, reason: string): Answer {
  const title = `${status} ${reason}`;
  const body = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\r\n<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>tengine</center>\r\n</body>\r\n</html>\r\n`;
  return { status, contentType: 'text/html', body, code: String(status) };
}

function json(status: number, code: string, body: Record<string, unknown>): Answer {
  const headers = gatewayHeaders(String(body['RequestId']));
  return { status, contentType: JSON_TYPE, headers, body: JSON.stringify(body), code };
}

/** RAM returns an object where the product returns a string. */
function denial(action: string): Record<string, string> {
  return {
    AuthAction: `cams:${action}`,
    AuthPrincipalType: 'SubUser',
    PolicyType: 'AccountLevelIdentityBasedPolicy',
    NoPermissionType: 'ImplicitDeny',
  };
}
