import type { CamsFailure } from './cams-failure.js';
import type { CamsKind } from './api.js';
import { cleanCode } from './clean-message.js';
import type { CamsAction } from './wire.js';

export type CamsRefusal = Extract<CamsFailure, { kind: 'refused' }>;

/** How a refusal is handled. */
type Meaning =
  /** `retryAfterSeconds`: if the response does not say. WhatsApp throttles single numbers, CAMS the account. */
  | { readonly means: 'throttled'; readonly by: 'CAMS' | 'WhatsApp'; readonly retryAfterSeconds: number }
  /** `why` is a sentence; `operatorMust` continues "The operator must …", without a full stop. */
  | {
      readonly means: 'not-allowed';
      readonly why?: (action: CamsAction) => string;
      readonly operatorMust: (action: CamsAction) => string;
    }
  /** `reason`: for an operation that names no group, or sets no picture. */
  | { readonly means: 'no-such-group'; readonly reason: string }
  | { readonly means: 'invalid-picture'; readonly message: string; readonly reason: string }
  /**
   * Rejected before anything was executed, regardless of the HTTP status. `namesParameter`: the message of CAMS is about what
   * the caller sent, so it may be shown. Others may be about the account.
   */
  | { readonly means: 'rejected'; readonly reason?: string; readonly namesParameter?: boolean }
  /** Something between the gateway and CAMS repeats requests. */
  | { readonly means: 'replayed'; readonly why: string }
  /** WhatsApp executed a part of the write. */
  | { readonly means: 'in-part'; readonly why: string }
  /** A write may have been executed. */
  | { readonly means: 'unclear'; readonly why: string };

const SERVER_FAULT = { means: 'unclear', why: 'CAMS failed while processing it' } as const satisfies Meaning;

/** Upstream codes and their meaning. */
type CodeRule = { readonly codes: RegExp } & Meaning;

/** Codes from the vendor's documentation. The first matching row wins. */
const CODE_RULES: readonly CodeRule[] = [
  { codes: /^Throttling/, means: 'throttled', by: 'CAMS', retryAfterSeconds: 2 },
  { codes: /^System\.LimitControl$/, means: 'throttled', by: 'CAMS', retryAfterSeconds: 10 },
  {
    codes: /^Product\.Unsubscript$/,
    means: 'not-allowed',
    operatorMust: () => 'activate Chat App Message Service for this Alibaba Cloud account',
  },
  {
    codes: /^(Ram\.PermissionDeny|NoPermission|Forbidden\.RAM)$/,
    means: 'not-allowed',
    operatorMust: (action) => `grant the RAM action cams:${action} to the credentials in use`,
  },
  {
    codes: /^Authentication\.NoAuth$/,
    means: 'not-allowed',
    why: () => 'Chat groups are in beta, for allow-listed accounts only.',
    operatorMust: () =>
      'ask Alibaba Cloud to allow-list this account for them, and check that the space belongs to the account',
  },
  {
    codes: /^Invalid(Api|Action|Version)(\.|$)/,
    means: 'not-allowed',
    why: (action) => `CAMS does not offer ${action} to this Alibaba Cloud account.`,
    operatorMust: () =>
      'activate the product and ask Alibaba Cloud to allow-list the account for chat groups',
  },
  {
    codes: /^InvalidTimeStamp\./,
    means: 'not-allowed',
    why: () => 'The clock of the gateway’s host is more than 15 minutes off.',
    operatorMust: () => 'synchronize it',
  },
  {
    codes: /^(SignatureDoesNotMatch|IncompleteSignature|InvalidSignature.*)$/,
    means: 'not-allowed',
    why: () => 'CAMS rejected the signature.',
    operatorMust: () => 'check the access key secret and make sure that no proxy alters or replays requests',
  },
  {
    // Each call has its own nonce: an earlier copy of this one has arrived, and a write may have been executed.
    codes: /^SignatureNonceUsed$/,
    means: 'replayed',
    why: 'CAMS received it more than once. A proxy between the gateway and CAMS may repeat requests',
  },
  {
    codes: /^((Invalid|Missing|Forbidden\.)(AccessKey|SecurityToken).*)$/,
    means: 'not-allowed',
    why: () => 'CAMS did not accept the credentials.',
    operatorMust: () => 'check the access key of this account',
  },
  { codes: /^(InvalidParameter(\..*)?|Missing[A-Z].*)$/, means: 'rejected', namesParameter: true },
  { codes: /^(InternalError|InternalFailure|ServiceUnavailable)$/, ...SERVER_FAULT },
];

/** Undocumented codes after which a write may have been executed nevertheless. */
const SOUNDS_LIKE_SERVER_FAULT = /Internal|System|Unavailable|Timeout/i;

const operator = (must: string, why?: string): Meaning => ({
  means: 'not-allowed',
  ...(why !== undefined && { why: () => why }),
  operatorMust: () => must,
});
const rejected = (reason: string): Meaning => ({ means: 'rejected', reason });

/** Error numbers of Meta's Groups and Cloud APIs, which CAMS passes on. */
const META_NUMBERS: Readonly<Record<string, Meaning>> = {
  130429: { means: 'throttled', by: 'WhatsApp', retryAfterSeconds: 10 },
  131000: SERVER_FAULT,
  131016: SERVER_FAULT,
  131020: rejected('the group has only one member.'),
  131041: { means: 'no-such-group', reason: 'WhatsApp does not know this group.' },
  131057: SERVER_FAULT,
  131059: rejected('the position in the list is not valid.'),
  131201: { means: 'in-part', why: 'WhatsApp executed only a part of it' },
  131202: rejected('a member is named twice.'),
  131203: operator('accept the terms of WhatsApp groups for this business number'),
  131204: rejected('too many members at once.'),
  131207: rejected('WhatsApp has suspended the group.'),
  131208: { means: 'throttled', by: 'WhatsApp', retryAfterSeconds: 10 },
  131209: { means: 'invalid-picture', message: 'must be square', reason: 'the picture is not square.' },
  131210: {
    means: 'invalid-picture',
    message: 'must be at least 192×192 pixels',
    reason: 'the picture is smaller than 192×192 pixels.',
  },
  131211: operator(
    'delete some, or use another number',
    'This business number has as many groups as WhatsApp allows.',
  ),
  131212: rejected('at least one of these people is not a member of the group.'),
  131214: operator(
    'wait until that period is over',
    'WhatsApp has disabled the creation of groups for this business number for seven days.',
  ),
  131215: operator(
    'obtain that for this business number',
    'WhatsApp requires an official business account for groups.',
  ),
};
/** `131026`, `131026:Receiver is …`, `(#131026) Receiver is …`; not the start of a phone number, however it is written. */
const META_NUMBER = /^\s*(?:\(#?(13\d{4})\)|#?(13\d{4})(?=\s*(?:$|:)))/;

/**
 * Returns what a refusal means: by Meta's number, then by the code, then by the HTTP status. If CAMS itself failed, a number
 * does not show that a write was not executed.
 */
export function meaningOf(refusal: CamsRefusal, kind: CamsKind): Meaning {
  const { status, code } = refusal;
  const number = metaNumberOf(refusal);
  const written = typeof code === 'string' ? code : '';
  const byCode = CODE_RULES.find(({ codes }) => codes.test(written));
  const hasFailed = status >= 500 || byCode?.means === 'unclear' || SOUNDS_LIKE_SERVER_FAULT.test(written);
  const known = (number !== undefined && !hasFailed && META_NUMBERS[number]) || byCode;
  if (known) return known;
  if (status >= 500) return SERVER_FAULT;
  if (status === 429) return { means: 'throttled', by: 'CAMS', retryAfterSeconds: 2 };
  return kind === 'write' && SOUNDS_LIKE_SERVER_FAULT.test(written) ? SERVER_FAULT : { means: 'rejected' };
}

/** Returns whether CAMS refused the call because the account sends too many. */
export function isAccountThrottled(refusal: CamsRefusal, kind: CamsKind): boolean {
  const meaning = meaningOf(refusal, kind);
  return meaning.means === 'throttled' && meaning.by === 'CAMS';
}

/** Returns whether CAMS failed while it processed the call. */
export function isServerFault(refusal: CamsRefusal, kind: CamsKind): boolean {
  return meaningOf(refusal, kind).means === 'unclear';
}

/** Returns the code of a refused write of which WhatsApp executed a part; `undefined` for any other refusal. */
export function inPartCodeOf(refusal: CamsRefusal): string | undefined {
  return meaningOf(refusal, 'write').means === 'in-part' ? upstreamCodeOf(refusal) : undefined;
}

/** Returns Meta's number, or the code of CAMS if it is safe to show. */
export function upstreamCodeOf(refusal: CamsRefusal): string | undefined {
  return metaNumberOf(refusal) ?? cleanCode(refusal.code);
}

/** Returns Meta's number, which CAMS sends as the code or at the start of the message. */
function metaNumberOf({ code, message }: CamsRefusal): string | undefined {
  for (const text of [code, message]) {
    const number = META_NUMBER.exec(
      typeof text === 'number' ? String(text) : typeof text === 'string' ? text : '',
    );
    if (number) return number[1] ?? number[2];
  }
  return undefined;
}
