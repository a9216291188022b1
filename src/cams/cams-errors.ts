import { GatewayError, type GatewayErrorOptions } from '../errors/gateway-error.js';
import type { CamsFailure } from './cams-failure.js';
import { cleanCode, cleanMessage } from './clean-message.js';
import type { CamsKind } from './api.js';
import type { CamsAction } from './wire.js';

/** The call that failed. */
export interface FailedCall {
  readonly action: CamsAction;
  readonly kind: CamsKind;
}

type Refusal = Extract<CamsFailure, { kind: 'refused' }>;

/** How a refusal is handled. */
type Meaning =
  | { readonly means: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly means: 'not-allowed'; readonly todo: (action: CamsAction) => string }
  /** Rejected before anything was executed, regardless of the HTTP status. */
  | { readonly means: 'rejected' }
  /** CAMS failed internally: a write may have been executed. */
  | { readonly means: 'server-fault' };

/** Upstream codes and their meaning. */
type CodeRule = { readonly codes: RegExp } & Meaning;

/** Codes from the vendor's documentation. The first matching row wins. */
const CODE_RULES: readonly CodeRule[] = [
  { codes: /^Throttling/, means: 'throttled', retryAfterSeconds: 2 },
  { codes: /^System\.LimitControl$/, means: 'throttled', retryAfterSeconds: 10 },
  {
    codes: /^Product\.Unsubscript$/,
    means: 'not-allowed',
    todo: () => 'The operator must activate Chat App Message Service for this Alibaba Cloud account.',
  },
  {
    codes: /^(Ram\.PermissionDeny|NoPermission|Forbidden\.RAM)$/,
    means: 'not-allowed',
    todo: (action) => `The operator must grant the RAM action cams:${action} to the credentials in use.`,
  },
  {
    codes: /^Authentication\.NoAuth$/,
    means: 'not-allowed',
    todo: () =>
      'Chat groups are in beta, for allow-listed accounts only. The operator must have this Alibaba Cloud account allow-listed for ' +
      'them and check that the space belongs to the account.',
  },
  {
    codes: /^InvalidTimeStamp\./,
    means: 'not-allowed',
    todo: () => 'The clock of the gateway’s host is more than 15 minutes off. The operator must correct it.',
  },
  {
    codes: /^(SignatureDoesNotMatch|IncompleteSignature|SignatureNonceUsed|InvalidSignature.*)$/,
    means: 'not-allowed',
    todo: () =>
      'CAMS rejected the signature. The operator must check the access key secret and make sure that no proxy alters or replays requests.',
  },
  {
    codes: /^((Invalid|Missing|Forbidden\.)(AccessKey|SecurityToken).*)$/,
    means: 'not-allowed',
    todo: () =>
      'CAMS did not accept the credentials. The operator must check the access key of this account.',
  },
  { codes: /^(InvalidParameter(\..*)?|Missing[A-Z].*)$/, means: 'rejected' },
  { codes: /^(InternalError|InternalFailure|ServiceUnavailable)$/, means: 'server-fault' },
];

/** Undocumented codes after which a write may have been executed nevertheless. */
const SOUNDS_LIKE_SERVER_FAULT = /Internal|System|Unavailable|Timeout/i;

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
        'CAMS returned fewer rows than requested although more exist. The operator must lower CAMS_PAGE_SIZE.',
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

function fromRefusal(failure: Refusal, call: FailedCall): GatewayError {
  const code = cleanCode(failure.code);
  const options = { ...ids(failure.requestId), ...(code !== undefined && { upstreamCode: code }) };
  const meaning = meaningOf(failure, call);
  switch (meaning.means) {
    case 'throttled':
      return new GatewayError('UPSTREAM_THROTTLED', 'CAMS is throttling this account.', {
        ...options,
        retryAfterSeconds: meaning.retryAfterSeconds,
      });
    case 'not-allowed':
      // Omit the upstream message: it names accounts, users and keys.
      return new GatewayError('UPSTREAM_NOT_ALLOWED', meaning.todo(call.action), options);
    case 'server-fault':
      if (call.kind === 'write') return outcomeUnknown(call, 'CAMS failed while processing it', options);
      return new GatewayError('UPSTREAM_UNAVAILABLE', 'CAMS failed to process the request.', options);
    case 'rejected': {
      const message = cleanMessage(failure.message);
      const detail = `CAMS refused the request${message === undefined ? '.' : `: ${message}`}`;
      return new GatewayError('UPSTREAM_REJECTED', detail, options);
    }
  }
}

function meaningOf({ status, code }: Refusal, { kind }: FailedCall): Meaning {
  const written = typeof code === 'string' ? code : '';
  const known = CODE_RULES.find(({ codes }) => codes.test(written));
  if (known !== undefined) return known;
  if (status >= 500) return { means: 'server-fault' };
  if (status === 429) return { means: 'throttled', retryAfterSeconds: 2 };
  return { means: kind === 'write' && SOUNDS_LIKE_SERVER_FAULT.test(written) ? 'server-fault' : 'rejected' };
}

function outcomeUnknown(call: FailedCall, why: string, options: GatewayErrorOptions = {}): GatewayError {
  const detail = `The write was sent to CAMS, but ${why}: it may or may not have been applied.`;
  return new GatewayError('OUTCOME_UNKNOWN', `${detail} ${HOW_TO_FIND_OUT[call.action]}`, options);
}

function ids(requestId: string | undefined): GatewayErrorOptions {
  return requestId === undefined ? {} : { upstreamRequestId: requestId };
}
