import {
  DONE,
  LOST,
  NOT_ALLOWED,
  type OddCase,
  QUOTED,
  REJECTED,
  REQUEST_ID,
  THROTTLED,
  bytes,
  refusal,
  withFields,
} from './odd-answers.js';

/** An odd response, and the request ID of CAMS that the caller sees. */
export interface RequestIdCase extends OddCase {
  readonly requestId: string | null;
}

/** An odd wait, and the seconds that `Retry-After` shows; a range if the contract leaves them open. */
export interface WaitCase {
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly seconds: number | readonly [from: number, to: number];
}

const INVALID = 'InvalidParameter.SubjectInvalid';
const quoting = `${QUOTED.number} of ${QUOTED.user} with ${QUOTED.keyId}, +86 13-9123-45678`;

/** Odd values of the fields that every response has. `Code` decides. */
export const ODD_ENVELOPES: readonly OddCase[] = [
  { what: 'OK with Success false', sends: withFields({ Success: false }), ...DONE },
  { what: 'OK with Success as a string', sends: withFields({ Success: 'false' }), ...DONE },
  { what: 'OK with Success null', sends: withFields({ Success: null }), ...DONE },
  { what: 'OK without Success', sends: withFields({ Success: undefined }), ...DONE },
  { what: 'OK with the Message of an error', sends: withFields({ Message: 'Internal error' }), ...DONE },
  { what: 'OK with a number of Meta in the Message', sends: withFields({ Message: '131026: no' }), ...DONE },
  { what: 'OK with a Message that is an object', sends: withFields({ Message: { a: 1 } }), ...DONE },
  { what: 'OK with a Message of 100 kB', sends: withFields({ Message: 'x'.repeat(100_000) }), ...DONE },
  { what: 'OK with an AccessDeniedDetail', sends: withFields({ AccessDeniedDetail: 'None' }), ...DONE },
  {
    what: 'OK with an AccessDeniedDetail in an object',
    sends: withFields({ AccessDeniedDetail: {} }),
    ...DONE,
  },
  { what: 'ok in lower case', sends: withFields({ Code: 'ok' }), ...REJECTED, upstreamCode: 'ok' },
  {
    what: 'a refusal with Success true',
    sends: refusal({ Code: INVALID, Success: true }),
    ...REJECTED,
    upstreamCode: INVALID,
  },
  {
    what: 'a refusal with the fields of a success',
    sends: withFields({ Code: INVALID }),
    ...REJECTED,
    upstreamCode: INVALID,
  },
  {
    what: 'a refusal without a Message',
    sends: refusal({ Code: INVALID, Message: undefined }),
    ...REJECTED,
    upstreamCode: INVALID,
  },
  {
    what: 'a refusal with a Message of null',
    sends: refusal({ Code: INVALID, Message: null }),
    ...REJECTED,
    upstreamCode: INVALID,
  },
  {
    what: 'a refusal with a number as Message',
    sends: refusal({ Code: INVALID, Message: 7 }),
    ...REJECTED,
    upstreamCode: INVALID,
  },
  {
    what: 'a refusal with a Message of 100 kB',
    sends: refusal({ Code: INVALID, Message: '1-'.repeat(50_000) }),
    ...REJECTED,
    upstreamCode: INVALID,
  },
  {
    what: 'a refusal that quotes a number, a user and a key',
    sends: refusal({ Code: INVALID, Message: quoting }),
    ...REJECTED,
    upstreamCode: INVALID,
  },
  {
    what: 'a refusal with status 400',
    sends: refusal({ Code: INVALID }, 400),
    ...REJECTED,
    upstreamCode: INVALID,
  },
  {
    what: 'a refusal with status 418',
    sends: refusal({ Code: 'Unheard.Of' }, 418),
    ...REJECTED,
    upstreamCode: 'Unheard.Of',
  },
  {
    what: 'an unknown Code with status 200',
    sends: refusal({ Code: 'Unheard.Of' }),
    ...REJECTED,
    upstreamCode: 'Unheard.Of',
  },
  {
    what: 'an unknown Code with status 500',
    sends: refusal({ Code: 'Unheard.Of' }, 500),
    ...LOST,
    upstreamCode: 'Unheard.Of',
  },
  {
    what: 'a Code that sounds like a failure of CAMS',
    sends: refusal({ Code: 'Backend.Timeout' }),
    read: 'UPSTREAM_REJECTED',
    write: 'OUTCOME_UNKNOWN',
    upstreamCode: 'Backend.Timeout',
  },
  { what: 'a Code in Chinese', sends: refusal({ Code: '参数错误' }), ...REJECTED },
  { what: 'a Code of two words', sends: refusal({ Code: 'not good' }), ...REJECTED },
  { what: 'a Code of 10 kB', sends: refusal({ Code: 'A'.repeat(10_240) }), ...REJECTED },
  { what: 'a Code that is a phone number', sends: refusal({ Code: QUOTED.number }), ...REJECTED },
  {
    what: 'a Code with a phone number and dashes',
    sends: refusal({ Code: 'P.8613-9123-4567' }),
    ...REJECTED,
  },
  { what: 'a Code that is an access key ID', sends: refusal({ Code: QUOTED.keyId }), ...REJECTED },
  { what: 'a Code with markup', sends: refusal({ Code: '<b>No</b>' }), ...REJECTED },
  {
    what: 'a denial that names a user in an object',
    sends: refusal(
      {
        Code: 'NoPermission',
        Message: quoting,
        AccessDeniedDetail: { AuthPrincipalDisplayName: QUOTED.user },
      },
      403,
    ),
    ...NOT_ALLOWED,
    upstreamCode: 'NoPermission',
  },
  {
    what: 'a denial with status 200',
    sends: refusal({ Code: 'Ram.PermissionDeny', AccessDeniedDetail: 7 }),
    ...NOT_ALLOWED,
    upstreamCode: 'Ram.PermissionDeny',
  },
  {
    what: 'a rate limit of Meta in the Message',
    sends: refusal({ Code: 'Failed', Message: '131208: too fast' }),
    ...THROTTLED,
    upstreamCode: '131208',
  },
  {
    what: 'throttling with Success true and status 200',
    sends: refusal({ Code: 'Throttling.User', Success: true }),
    ...THROTTLED,
    upstreamCode: 'Throttling.User',
  },
  {
    what: 'throttling with status 503',
    sends: refusal({ Code: 'Throttling' }, 503),
    ...THROTTLED,
    upstreamCode: 'Throttling',
  },
  {
    what: 'Code twice, a refusal last',
    sends: (sane) => bytes(`${sane.slice(0, -1)},"Code":"${INVALID}"}`),
    ...REJECTED,
    upstreamCode: INVALID,
  },
];

const identified = (what: string, RequestId: unknown, requestId: string | null): RequestIdCase => ({
  what,
  sends: withFields({ RequestId }),
  requestId,
  ...DONE,
});

/** Odd request IDs. They go into a header. */
export const ODD_REQUEST_IDS: readonly RequestIdCase[] = [
  identified('that ends in the letter O', REQUEST_ID, REQUEST_ID),
  identified('that ends in a line break', `${REQUEST_ID}\n`, REQUEST_ID),
  identified(
    'with asterisks',
    '90E63D28-E31D-1EB2-8939-A9486641****O',
    '90E63D28-E31D-1EB2-8939-A9486641****O',
  ),
  identified(
    'that is a UUID',
    '0c6f1c1e-6f0e-4d6a-9f0b-2f7f0c4b1a55',
    '0c6f1c1e-6f0e-4d6a-9f0b-2f7f0c4b1a55',
  ),
  identified('that is missing', undefined, null),
  identified('that is null', null, null),
  identified('that is empty', '', null),
  identified('that is a number', 7, null),
  identified('that is an object', { id: REQUEST_ID }, null),
  identified('that starts a new header', 'a\r\nSet-Cookie: b=c', null),
  identified('in Chinese', '请求', null),
  identified('of 10 kB', 'A'.repeat(10_240), null),
  identified('that is a phone number', QUOTED.number, null),
  identified('that is a phone number with dashes', '8613-9123-4567', null),
  identified('that is an access key ID', QUOTED.keyId, null),
];

/** By default, CAMS does not say how long to wait. A wait of more than an hour is not credible. */
const OPEN = [1, 3_600] as const;

/** Odd waits of a throttled response. */
export const ODD_WAITS: readonly WaitCase[] = [
  { what: 'no wait', headers: {}, seconds: OPEN },
  { what: '4,200 milliseconds', headers: { 'x-acs-retry-after': '4200' }, seconds: 5 },
  { what: 'one millisecond', headers: { 'x-acs-retry-after': '1' }, seconds: 1 },
  { what: 'zero milliseconds', headers: { 'x-acs-retry-after': '0' }, seconds: 1 },
  { what: 'negative milliseconds', headers: { 'x-acs-retry-after': '-4200' }, seconds: OPEN },
  { what: 'milliseconds as a word', headers: { 'x-acs-retry-after': 'soon' }, seconds: OPEN },
  { what: 'milliseconds of a year', headers: { 'x-acs-retry-after': '31536000000' }, seconds: OPEN },
  { what: 'milliseconds of 400 digits', headers: { 'x-acs-retry-after': '9'.repeat(400) }, seconds: OPEN },
  { what: '7 seconds', headers: { 'retry-after': '7' }, seconds: 7 },
  { what: 'zero seconds', headers: { 'retry-after': '0' }, seconds: 1 },
  { what: 'negative seconds', headers: { 'retry-after': '-7' }, seconds: OPEN },
  { what: 'half a second', headers: { 'retry-after': '0.5' }, seconds: OPEN },
  { what: 'two numbers of seconds', headers: { 'retry-after': '7, 9' }, seconds: OPEN },
  { what: 'nothing in the header', headers: { 'retry-after': '' }, seconds: OPEN },
  { what: 'a date that is over', headers: { 'retry-after': 'Sat, 01 Jan 2000 00:00:00 GMT' }, seconds: 1 },
  {
    what: 'a date in the far future',
    headers: { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' },
    seconds: OPEN,
  },
  { what: 'an invalid date', headers: { 'retry-after': 'Sat, 99 Foo 2000 GMT' }, seconds: OPEN },
  {
    what: 'milliseconds and seconds that differ',
    headers: { 'x-acs-retry-after': '4200', 'retry-after': '70' },
    seconds: 5,
  },
  {
    what: 'milliseconds as a word and 7 seconds',
    headers: { 'x-acs-retry-after': 'soon', 'retry-after': '7' },
    seconds: 7,
  },
];
