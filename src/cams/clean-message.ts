import { isRecord } from '../util/is-record.js';
import { parseJson } from '../util/parse-json.js';
import { readableText } from '../util/readable-text.js';
import { redactForeign } from '../util/redaction.js';

const MAX_LENGTH = 300;
/** More of a message is never shown, even if much of its start is removed. */
const MAX_READ = 8_192;

/**
 * Makes a CAMS message safe to show to a caller: one line of limited length without phone numbers, user IDs, credentials,
 * accounts, addresses or links. Returns `undefined` if nothing is left.
 */
export function cleanMessage(message: unknown): string | undefined {
  if (typeof message !== 'string' || message.trim() === 'None') return undefined;
  // A line feed between digits would hide that they are one number.
  const line = readableText(message.slice(0, MAX_READ)).replace(/[\p{C}\p{Zl}\p{Zp}]+/gv, ' ');
  const clean = redactForeign(line);
  const characters = Array.from(clean.replace(/\s+/g, ' ').trim());
  if (characters.length > MAX_LENGTH) return `${characters.slice(0, MAX_LENGTH - 1).join('')}…`;
  return characters.length === 0 ? undefined : characters.join('');
}

/** Returns a CAMS error code; `undefined` if it is not a plain word, or contains what a message must not show. */
export function cleanCode(code: unknown): string | undefined {
  if (typeof code !== 'string' || code === 'undefined') return undefined;
  return /^[A-Za-z][\w.:\-]{0,99}$/v.test(code) && cleanMessage(code) === code ? code : undefined;
}

/** The vendor's request IDs: a UUID, or one whose last digit is a letter O, or hexadecimal digits; some are asterisks. */
const UUID_LIKE = /^[\da-f*]{8}(?:-[\da-f*]{4}){3}-[\da-f*]{8,12}[a-z]?$/i;
const HEXADECIMAL = /^(?=(?:[\d*]*[a-f]){3})[\da-f*]{24,64}$/i;

/**
 * Returns a CAMS request ID, safe to use in a header. In the vendor's samples it ends in a newline. An ID of an unknown form
 * is returned only if it contains nothing that a message must not show, such as a phone number.
 */
export function cleanRequestId(id: unknown): string | undefined {
  const trimmed = typeof id === 'string' ? id.trim() : '';
  if (UUID_LIKE.test(trimmed) || HEXADECIMAL.test(trimmed)) return trimmed;
  return /^(?=.*[A-Za-z])[\w.\-]{1,64}$/v.test(trimmed) && cleanMessage(trimmed) === trimmed
    ? trimmed
    : undefined;
}

/** What helps an operator to grant a missing permission. The rest names accounts and users, or is encoded. */
const DENIAL_FIELDS = ['AuthAction', 'PolicyType', 'NoPermissionType'] as const;

/**
 * Returns which permission is missing, for the operator's log. CAMS sends text, an object, or an object as text; of an
 * object, only the known fields are kept.
 */
export function cleanAccessDeniedDetail(detail: unknown): string | undefined {
  const parsed = typeof detail === 'string' ? parseJson(detail) : detail;
  if (!isRecord(parsed)) return cleanMessage(detail);
  const shown = DENIAL_FIELDS.flatMap((field) => {
    const value = cleanMessage(parsed[field]);
    return value === undefined ? [] : [`${field}: ${value}`];
  });
  return cleanMessage(shown.join(', '));
}
