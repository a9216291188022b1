import { maskNumber } from './text.js';

/** What a text must not show, and what is put in its place. */
export interface Rule {
  readonly hides: RegExp;
  readonly behind: string | ((found: string, ...groups: string[]) => string);
  /** Occurs in everything that the rule finds, and is quick to look for. Texts without any hint are not looked at further. */
  readonly hint?: RegExp;
}

/** A rule for the gateway's own texts. */
type HintedRule = Rule & { readonly hint: RegExp };

export const HIDDEN = '***';

// Each pattern below takes linear time: it starts only where a word starts, or its repetitions are limited. They see a
// text as `readableText` returns it, so digits are ASCII, and nothing is encoded or invisible.

const URL_OF_ANY_SCHEME = /(?<![a-z\d+.\-])(?!(?:file|node):)[a-z][a-z\d+.\-]{0,19}:\\?\/\\?\/[^\s"<>]*/giv;
/** Whoever has an invite link can join. People write it without its scheme as well. */
const INVITE_LINK = /(?<![\w.\-])(?:[a-z]{1,10}\.)?(?:whatsapp\.com|wa\.me|t\.me|telegram\.me)[\/?#\\]\S*/giv;

const CREDENTIALS: readonly HintedRule[] = [
  // API keys of the gateway. The part before the dot only names the key.
  { hides: /cgk_([\w\-]{1,64})\.[^\s"',;\x26]+/gv, behind: (_, id) => `cgk_${id}.${HIDDEN}`, hint: /cgk_/ },
  { hides: /cgk_[\w\-]{30,}/gv, behind: `cgk_${HIDDEN}`, hint: /cgk_/ },
  { hides: /(?<![A-Za-z\d])eyJ[\w\-]{4,}(?:\.[\w\-]*){1,4}/gv, behind: '***token***', hint: /eyJ/ },
  {
    hides: /\b(Bearer|Basic|ACS3-HMAC-SHA256)\s+(?=[^\s"]*\d|[^\s"]{24})[\w+\/=.~:\-]{8,}/giv,
    behind: (_, scheme) => `${scheme} ${HIDDEN}`,
    hint: /bearer|basic|acs3/i,
  },
  {
    hides:
      /\b(authorization|x-api-key|x-acs-security-token|cookie)(["']{0,2}\s{0,2}[:=]\s{0,2}["']?)(?!(?:Bearer|Basic) \*)[^\s"',;]{4,}/giv,
    behind: (_, name, sign) => `${name}${sign}${HIDDEN}`,
    hint: /authorization|api-key|token|cookie/i,
  },
];

/** What CAMS' messages show of an account, and what must never be shown of a member. */
const IDENTITIES: readonly HintedRule[] = [
  // A resource name contains an account ID and a user.
  { hides: /\b(?:acs|arn):[^\s"',;\)\]\}]+/giv, behind: HIDDEN, hint: /\b(?:acs|arn):/i },
  // A RAM user (`bob@1234567890.onaliyun.com`), an e-mail address, or a member (`123@lid`).
  { hides: /(?<![\p{L}\p{N}._%+\-])[\p{L}\p{N}._%+\-]+@[\p{L}\p{N}.\-]+/gv, behind: HIDDEN, hint: /@/ },
  // Request parameters that hold credentials.
  {
    hides:
      /(?<=AccessKeyId|AccessKeySecret|Secret|Signature|SignatureNonce|Token|Password)(?:=|["']\s?:\s?["'])[^\s"',;\x26]+/giv,
    behind: `=${HIDDEN}`,
    hint: /accesskey|secret|signature|token|password/i,
  },
  // An access key ID, permanent or temporary, with or without the vendor's own asterisks.
  { hides: /(?:LTAI|STS\.|TMP\.)[\w*\-]{4,}/gv, behind: HIDDEN, hint: /LTAI|STS\.|TMP\./ },
  // Meta's user IDs: `US.13491208655302741918`, `US.ENT.…`
  {
    hides: /(?<![A-Za-z])[A-Z]{2}\.(?:ENT\.[A-Za-z\d]+|[A-Za-z]{0,128}\d[A-Za-z\d]{5,}|[A-Za-z]{12,})/gv,
    behind: HIDDEN,
    hint: /[A-Z]{2}\./,
  },
];

const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:Z|[+\-]\d\d:?\d\d)?`;
const DAY = String.raw`(?:19|20)\d\d[\-\/.](?:0?[1-9]|1[0-2])[\-\/.](?:0[1-9]|[12]\d|3[01]|[1-9])`;

/** What people write between the digits of a phone number. */
const ANY_SEPARATOR = String.raw`[\s\p{Cc}\p{Z}\p{M}\p{P}\p{S}]`;
/** Digits that stay in our own texts: dates, times, UUIDs, digests, addresses of clients. */
const USEFUL = [
  String.raw`(?<![\w\-])[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\w\-])`,
  String.raw`(?<!\w)(?=(?:\d{0,16}[a-f]){6})[\da-f]{24,128}(?!\w)`,
  String.raw`(?<![^\s,"'\(\[=])${DAY}(?:[T ]${CLOCK})?(?![\-.\/ :]?\d)`,
  String.raw`(?<![^\s,"'\(\[=T])${CLOCK}(?![:\-.\/ ]?\d)`,
  String.raw`(?<![\d.])(?:${OCTET}\.){3}${OCTET}(?::\d{1,5})?(?![\d.]*\d)`,
].join('|');
const LONG_NUMBER = String.raw`\d(?:\d|${ANY_SEPARATOR}{1,4}(?!${USEFUL})\d){9,}|\d{8,}`;

/** A run of digits that is too long for anything else, whatever is between them. */
const ANY_LONG_NUMBER: HintedRule = {
  hides: new RegExp(`(${USEFUL})|${LONG_NUMBER}`, 'giv'),
  behind: maskLongNumber,
  hint: /(?:\d[^\da-z]{0,4}){7}\d/i,
};

/** What the gateway's own texts must not show, in the order in which it is removed. */
export const RULES: readonly HintedRule[] = [
  { hides: URL_OF_ANY_SCHEME, behind: '***url***', hint: /:\/\// },
  { hides: INVITE_LINK, behind: '***url***', hint: /whatsapp\.com|wa\.me|t\.me|telegram\.me/i },
  ...CREDENTIALS,
  ...IDENTITIES,
  ANY_LONG_NUMBER,
];

/** What people write between digits, except a colon, which is part of times. */
const SEPARATORS = String.raw`[\p{Z}\p{M}\p{Sk}[\p{P}--[:;]]+~\|<>=\u2212]{0,4}`;
const NUMBER = String.raw`\p{Nd}(?:${SEPARATORS}\p{Nd}){6,}|\p{Nd}{5,}`;
const DATE = String.raw`(?:19|20)\d\d([\-\/.])(?:0?[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01]|[1-9])`;
const TIME = String.raw`[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+\-]\d\d:\d\d)?`;
/** Digits that stay: an ISO date with or without a time, and groups of thousands. */
const NOT_A_NUMBER = [
  String.raw`${DATE}(?:${TIME})?(?![\-.\/ ]?\p{Nd})`,
  String.raw`\d{1,3}(?:,\d{3}){1,2}(?!${SEPARATORS}\p{Nd})`,
].join('|');
/** Words and short numbers joined by punctuation, such as `ap-southeast-1`, are not a token, however long. */
const JOINED_WORDS = /^[+\/=_\-]*(?:[A-Za-z]+|\d{1,4})(?:[+\/=_\-]+(?:[A-Za-z]+|\d{1,4}))*[+\/=_\-]*$/v;

/** Any run of digits that could be a number. */
const ANY_NUMBER: Rule = {
  hides: new RegExp(`${NOT_A_NUMBER}|${NUMBER}`, 'gv'),
  behind: maskAnyNumber,
};

/** What the words of others must not show: also addresses, anything like a token, and short numbers. */
export const FOREIGN_RULES: readonly Rule[] = [
  // A URL names hosts, and its query holds phone numbers and signatures.
  { hides: /[a-z\d+.\-]{1,20}:\\?\/\\?\/\S*/giv, behind: '' },
  { hides: INVITE_LINK, behind: '' },
  ...CREDENTIALS,
  ...IDENTITIES,
  // IP addresses, version 4 and 6.
  { hides: /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\d.]*\d)/gv, behind: HIDDEN },
  {
    hides: /(?<![\w:])(?=[\da-f:]*::|(?:[\da-f]{1,4}:){7})[\da-f:]{3,45}(?:\.\d{1,3}){0,3}(?![\w:])/giv,
    behind: HIDDEN,
  },
  // Secrets, tokens and digests.
  { hides: /(?<![\w+\/=\-])[\w+\/=\-]{20,}/gv, behind: hideToken },
  ANY_NUMBER,
  // Also with a colon between its digits.
  ANY_LONG_NUMBER,
];

const WORDS_OF_NAME = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g;
/** Words of names are longer, on average, and few are numbers. Those of random text have two characters. */
const MEAN_OF_WORDS = 4;
const MAX_DIGITS = 5;

/** What a name that a caller chose must not show either. */
export const NAME_RULES: readonly Rule[] = [ANY_NUMBER, { hides: /\w{20,}/gv, behind: hideUnlikeWords }];

/** `listGroupsV2` and `LIST_GROUPS` are words, a secret is not. */
function hideUnlikeWords(found: string): string {
  const words = found.match(WORDS_OF_NAME) ?? [];
  const characters = words.reduce((sum, word) => sum + word.length, 0);
  const digits = found.replace(/\D/g, '').length;
  return digits > MAX_DIGITS || characters < MEAN_OF_WORDS * words.length ? HIDDEN : found;
}

function hideToken(found: string): string {
  return /\d/.test(found) && /[A-Za-z]/.test(found) && !JOINED_WORDS.test(found) ? HIDDEN : found;
}

const IS_NOT_A_NUMBER = new RegExp(`^(?:${NOT_A_NUMBER})$`, 'v');

function maskAnyNumber(found: string): string {
  return IS_NOT_A_NUMBER.test(found) ? found : maskNumber(found.replace(/\D/g, ''));
}

function maskLongNumber(found: string, useful: string | undefined): string {
  return useful === undefined ? maskNumber(found.replace(/\D/g, '')) : found;
}
