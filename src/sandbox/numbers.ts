const PHONE_NUMBER = /^\+?\d{5,20}$/;
const DIGITS = /^\+?(\d+)$/;

/**
 * Returns the form in which numbers are compared: the digits of a number, without a leading `+`.
 * Other ids, such as `US.13491208655302741918`, are returned unchanged.
 */
export function normalNumber(text: string): string {
  return DIGITS.exec(text)?.[1] ?? text;
}

/** Whether two texts name the same number or member. */
export function sameNumber(one: string, other: string): boolean {
  return normalNumber(one) === normalNumber(other);
}

/** Whether `numbers` has the number or member in any form. */
export function includesNumber(numbers: readonly string[], number: string): boolean {
  return numbers.some((other) => sameNumber(other, number));
}

/** Whether the text is 5 to 20 digits, with or without a leading `+`. */
export function isPhoneNumber(text: string): boolean {
  return PHONE_NUMBER.test(text);
}
