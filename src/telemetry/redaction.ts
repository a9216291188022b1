// Longer than any logged count or duration. An encoded quote (%22) before a number makes it even longer.
const LONG_NUMBER = /(?<![\w-])\d{8,}(?![\w-])/g;
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/cgk_([\w-]{1,64})\.[\w-]+/g, 'cgk_$1.***'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '***token***'],
  [/https?:\/\/\S+/g, '***url***'],
];

/** Redacts keys, tokens, URLs and full phone numbers in text that will be logged or returned. */
export function redact(text: string): string {
  return SECRETS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text).replace(
    LONG_NUMBER,
    (number) => `${number.slice(0, 4)}******${number.slice(-3)}`,
  );
}
