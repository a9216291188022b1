// `\n` is a control character as well, but a description may have several lines.
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const CONTROL_EXCEPT_NEWLINE = /(?!\n)[\p{Cc}\u2028\u2029]/u;

/** Returns the length in code points, as used by WhatsApp's limits. */
export function codePoints(text: string): number {
  return [...text].length;
}

/** Whether a text may be sent upstream: it has no control characters and no lone surrogates. */
export function isCleanText(text: string, { newlines = false } = {}): boolean {
  return text.isWellFormed() && !(newlines ? CONTROL_EXCEPT_NEWLINE : CONTROL).test(text);
}

/** Maximum length of an ID that CAMS assigns, in code points. */
export const MAX_UPSTREAM_ID = 255;

/** Whether a text can be an ID that CAMS assigned. The same rule for lists and for inputs: a listed ID can be used. */
export function isUpstreamId(text: string): boolean {
  return text !== '' && codePoints(text) <= MAX_UPSTREAM_ID && isCleanText(text) && !/\s/.test(text);
}

/** Returns the form in which subjects are compared: subjects that look the same are equal. */
export function canonicalSubject(subject: string): string {
  return subject.trim().normalize('NFC');
}

/** `8613800000001` → `8613******001`: enough to recognise a known number, not enough to learn it. */
export function maskNumber(phoneNumber: string): string {
  if (phoneNumber.length <= 7) return '*'.repeat(phoneNumber.length);
  if (phoneNumber.length <= 10) return '*'.repeat(phoneNumber.length - 3) + phoneNumber.slice(-3);
  return phoneNumber.slice(0, 4) + '*'.repeat(phoneNumber.length - 7) + phoneNumber.slice(-3);
}
