import type { CamsAction, CamsEnvelope } from '../cams/wire.js';
import { newRequestId } from './ids.js';
import type { Refusal } from './refusal.js';

/** As the upstream labels its JSON. */
export const JSON_TYPE = 'application/json;charset=utf-8';

/** What goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** `Code` of the body, for the call log. */
  readonly code: string;
}

/** What becomes of a call: an answer, a dead connection, or nothing ever. */
export type Reply = Answer | 'reset' | 'hang';

export type Envelope = CamsEnvelope & Record<string, unknown>;

/**
 * How the vendor's samples differ from operation to operation. All of these mean success; a client that minds any of
 * them fails against the real upstream as well.
 */
const ODDITIES: Partial<Record<CamsAction, CamsEnvelope>> = {
  AddChatGroup: { Message: 'None', AccessDeniedDetail: 'None' },
  UpdateChatGroup: { Success: false },
  AddChatGroupInviteLink: { Message: 'None', Success: false },
  ListChatGroup: { Message: 'None', AccessDeniedDetail: 'None' },
  DeleteChatGroupInviteLink: { AccessDeniedDetail: 'None' },
};
const WITH_NEWLINE: ReadonlySet<CamsAction> = new Set([
  'AddChatGroup',
  'DeleteChatGroup',
  'ListChatGroupParticipants',
]);

/** The envelope of an executed operation around its own fields. */
export function success(action: CamsAction, fields: Record<string, unknown>): Envelope {
  return {
    Code: 'OK',
    Message: 'OK',
    Success: true,
    RequestId: newRequestId() + (WITH_NEWLINE.has(action) ? '\n' : ''),
    AccessDeniedDetail: '',
    ...ODDITIES[action],
    ...fields,
  };
}

/** An answer with HTTP 200, whatever its `Code` says. */
export function answer(envelope: Envelope): Answer {
  return json(200, String(envelope.Code), envelope);
}

/** A refusal in the form of whoever refuses: the product answers 200, the vendor's gateway a status of its own. */
export function refused(refusal: Refusal, action: string, host: string): Answer {
  const { code, message, status } = refusal;
  const RequestId = newRequestId();
  if (status === 200) {
    return answer({ Code: code, Message: message, Success: false, RequestId, AccessDeniedDetail: 'None' });
  }
  return json(status, code, {
    RequestId,
    HostId: host,
    Code: code,
    Message: message,
    Recommend: `https://api.alibabacloud.com/troubleshoot?q=${encodeURIComponent(code)}&product=Cams&requestId=${RequestId}`,
    ...(code === 'NoPermission' && { AccessDeniedDetail: denial(action) }),
  });
}

/** A page of the web server in front, as seen when the vendor's gateway itself is in trouble. */
export function htmlPage(status: number, reason: string): Answer {
  const title = `${status} ${reason}`;
  const body = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\r\n<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>tengine</center>\r\n</body>\r\n</html>\r\n`;
  return { status, contentType: 'text/html', body, code: String(status) };
}

function json(status: number, code: string, body: Record<string, unknown>): Answer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body), code };
}

/** RAM explains itself with an object where the product has a string. */
function denial(action: string): Record<string, string> {
  return {
    AuthAction: `cams:${action}`,
    AuthPrincipalType: 'SubUser',
    PolicyType: 'AccountLevelIdentityBasedPolicy',
    NoPermissionType: 'ImplicitDeny',
  };
}
