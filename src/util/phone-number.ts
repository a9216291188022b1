/** What people and address books put between the digits: spaces, dashes, dots, parentheses, invisible marks. */
const SEPARATORS = /[\p{Zs}\p{Pd}\p{Cf}\u2212.()]/gu;
/** Maximum length of a phone number as people write it. */
export const MAX_WRITTEN_NUMBER = 64;

/**
 * Returns the 5–20 digits of a phone number, with or without `+`, spaces and punctuation: `+86 (138) 0000-0001`;
 * `undefined` for any other text.
 */
export function phoneDigits(text: string): string | undefined {
  if (text.length > MAX_WRITTEN_NUMBER) return undefined;
  const bare = text.replace(SEPARATORS, '').replace(/^\+/, '');
  return /^\d{5,20}$/.test(bare) ? bare : undefined;
}

/** Returns the form in which members are compared: a phone number by its digits, any other ID as it is. */
export function memberKey(id: string): string {
  return phoneDigits(id) ?? id.trim();
}

const MASKS = /[x•●#…]|\.{2,}/giu;

/** Returns whether a number, in which digits may be masked (`8613800**`), can be the given one, in digits. */
export function mayBeNumber(written: string, digits: string): boolean {
  if (written.length > MAX_WRITTEN_NUMBER) return false;
  const visible = written
    .normalize('NFKC')
    .replace(MASKS, '*')
    .replace(/[^\d*]/g, '')
    .split(/\*+/);
  return new RegExp(`^${visible.join('\\d*')}$`).test(digits);
}
