import { GatewayError, type GatewayErrorOptions } from '../errors/gateway-error.js';
import type { CamsFailure } from './cams-failure.js';
import { cleanMessage } from './clean-message.js';
import type { CamsKind } from './api.js';
import { type CamsRefusal, meaningOf, upstreamCodeOf } from './refusal-meaning.js';
import type { CamsAction } from './wire.js';

/** The call that failed. */
export interface FailedCall {
  readonly action: CamsAction;
  readonly kind: CamsKind;
}

/** How a caller can find out the outcome of a write. */
const HOW_TO_FIND_OUT: Readonly<Record<CamsAction, string>> = {
  AddChatGroup: 'List the groups with this subject to see whether it was created.',
  UpdateChatGroup: 'Read the group to see whether it was changed.',
  DeleteChatGroup: 'Read the group to see whether it was deleted.',
  AddChatGroupInviteLink: 'Read the group to see its invite link.',
  DeleteChatGroupInviteLink: 'Read the group to see whether it still has an invite link.',
  DeleteChatGroupParticipants: 'List the members to see which were removed.',
  ListChatGroup: '',
  ListChatGroupParticipants: '',
};

/** Maps a failed call to an error of the catalogue. Only a write that may have been sent has an unknown outcome. */
export function toGatewayError(failure: CamsFailure, call: FailedCall): GatewayError {
  switch (failure.kind) {
    case 'refused':
      return fromRefusal(failure, call);
    case 'timeout':
      if (call.kind === 'write' && failure.sent) return outcomeUnknown(call, 'CAMS did not respond in time');
      return new GatewayError('UPSTREAM_TIMEOUT', 'CAMS did not respond in time.');
    case 'lost':
      if (call.kind === 'write' && failure.sent) return outcomeUnknown(call, 'the connection was lost');
      return new GatewayError('UPSTREAM_UNAVAILABLE', 'CAMS is unreachable, or the connection was lost.');
    case 'short-page':
      return new GatewayError(
        'UPSTREAM_UNAVAILABLE',
        `CAMS returned fewer rows than requested although more exist.${pageSizeAdvice(failure.maxSize)}`,
        ids(failure.requestId),
      );
    case 'broken':
      break;
  }
  if (call.kind === 'write') {
    return outcomeUnknown(call, 'the response could not be parsed', ids(failure.requestId));
  }
  return new GatewayError(
    'UPSTREAM_UNAVAILABLE',
    'CAMS returned an invalid response.',
    ids(failure.requestId),
  );
}

function fromRefusal(failure: CamsRefusal, call: FailedCall): GatewayError {
  const upstreamCode = upstreamCodeOf(failure);
  const options = { ...ids(failure.requestId), ...(upstreamCode !== undefined && { upstreamCode }) };
  const meaning = meaningOf(failure, call.kind);
  switch (meaning.means) {
    case 'throttled':
      return new GatewayError('UPSTREAM_THROTTLED', 'CAMS is throttling this account.', {
        ...options,
        retryAfterSeconds: failure.retryAfterSeconds ?? meaning.retryAfterSeconds,
      });
    case 'not-allowed':
      // Omit the upstream message: it names accounts, users and keys.
      return new GatewayError(
        'UPSTREAM_NOT_ALLOWED',
        `${meaning.why ? `${meaning.why(call.action)} ` : ''}The operator must ${meaning.operatorMust(call.action)}.`,
        options,
      );
    case 'no-such-group':
      // A list that names no group must not make a group look deleted.
      if (call.action === 'ListChatGroup' || call.action === 'AddChatGroup')
        return rejected(meaning.reason, options);
      return new GatewayError('NOT_FOUND', meaning.reason, options);
    case 'invalid-picture':
      if (call.action !== 'UpdateChatGroup') return rejected(meaning.reason, options);
      return new GatewayError('VALIDATION_FAILED', 'Invalid: profilePictureUrl.', {
        ...options,
        violations: [{ field: 'profilePictureUrl', message: meaning.message }],
      });
    case 'replayed':
      if (call.kind === 'write') return outcomeUnknown(call, meaning.why, options);
      return new GatewayError('UPSTREAM_NOT_ALLOWED', `${meaning.why}. The operator must find it.`, options);
    case 'in-part':
    case 'unclear':
      if (call.kind === 'write') return outcomeUnknown(call, meaning.why, options);
      return new GatewayError('UPSTREAM_UNAVAILABLE', 'CAMS failed to process the request.', options);
    case 'rejected':
      return rejected(
        meaning.reason ?? (meaning.namesParameter ? cleanMessage(failure.message) : undefined),
        options,
      );
  }
}

/** A smaller page size helps only if CAMS has limited the page, not if it lost rows. */
function pageSizeAdvice(maxSize: number | undefined): string {
  if (maxSize === undefined) return '';
  const size = maxSize === 0 ? '' : `, to at most ${maxSize}`;
  return ` If CAMS limits the size of a page, the operator may have to lower CAMS_PAGE_SIZE${size}.`;
}

function rejected(reason: string | undefined, options: GatewayErrorOptions): GatewayError {
  const detail = `CAMS refused the request${reason === undefined ? '.' : `: ${reason}`}`;
  return new GatewayError('UPSTREAM_REJECTED', detail, options);
}

function outcomeUnknown(call: FailedCall, why: string, options: GatewayErrorOptions = {}): GatewayError {
  const detail = `The write was sent to CAMS, but ${why}: it may or may not have been applied.`;
  return new GatewayError('OUTCOME_UNKNOWN', `${detail} ${HOW_TO_FIND_OUT[call.action]}`, options);
}

function ids(requestId: string | undefined): GatewayErrorOptions {
  return requestId === undefined ? {} : { upstreamRequestId: requestId };
}
