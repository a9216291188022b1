// `\n` is a control character too, but a description may have several lines.
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const CONTROL_EXCEPT_NEWLINE = /(?!\n)[\p{Cc}\u2028\u2029]/u;

/** Length in code points, as the limits of WhatsApp count. */
export function codePoints(text: string): number {
  return [...text].length;
}

/** Whether a text may go upstream: no control characters, no lone surrogates. */
export function isCleanText(text: string, { newlines = false } = {}): boolean {
  return text.isWellFormed() && !(newlines ? CONTROL_EXCEPT_NEWLINE : CONTROL).test(text);
}

/** The form in which two subjects are compared: what looks the same is the same. */
export function canonicalSubject(subject: string): string {
  return subject.trim().normalize('NFC');
}

/** `8613800000001` → `8613******001`: enough to recognise a number one knows, not enough to learn it. */
export function maskNumber(phoneNumber: string): string {
  if (phoneNumber.length <= 7) return '*'.repeat(phoneNumber.length);
  return phoneNumber.slice(0, 4) + '*'.repeat(phoneNumber.length - 7) + phoneNumber.slice(-3);
}

/** Masks every run of digits that could be a phone number, in a text that a caller made up. */
export function maskNumbers(text: string): string {
  return text.replace(/\d{8,}/g, maskNumber);
}
