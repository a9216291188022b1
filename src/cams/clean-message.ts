import { maskNumber } from '../util/text.js';

const MAX_LENGTH = 300;
const URL_LIKE = /\b[a-z][a-z0-9+.-]*:\/\/\S*|\bchat\.whatsapp\.com\/\S*/gi;
/** A phone number as people write it: at least seven digits with single separators between them. */
const SPACED_NUMBER = /\d(?:[ .-]?\d){6,}/g;
const DIGIT_RUN = /\d{5,}/g;

/**
 * Makes a CAMS message safe to show to a caller: one line of limited length without URLs or phone numbers. Returns
 * `undefined` if nothing is left.
 */
export function cleanMessage(message: unknown): string | undefined {
  if (typeof message !== 'string' || message.trim() === 'None') return undefined;
  const clean = message
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(URL_LIKE, '')
    .replace(SPACED_NUMBER, (number) => maskNumber(number.replace(/\D/g, '')))
    .replace(DIGIT_RUN, maskNumber)
    .replace(/\s+/g, ' ')
    .trim();
  const characters = Array.from(clean);
  if (characters.length > MAX_LENGTH) return `${characters.slice(0, MAX_LENGTH - 1).join('')}…`;
  return clean === '' ? undefined : clean;
}

/** Returns a CAMS error code; `undefined` if it is not a plain word, since it could then contain anything. */
export function cleanCode(code: unknown): string | undefined {
  if (typeof code !== 'string' || code === 'undefined') return undefined;
  return /^[A-Za-z][\w.:-]{0,99}$/.test(code) && !/\d{5}/.test(code) ? code : undefined;
}

/** Returns a CAMS request ID, safe to use in a header. In the vendor's samples it ends in a newline. */
export function cleanRequestId(id: unknown): string | undefined {
  const trimmed = typeof id === 'string' ? id.trim() : '';
  return /^[\x21-\x7e]{1,128}$/.test(trimmed) ? trimmed : undefined;
}
