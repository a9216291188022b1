const MAX_ROUNDS = 3;
const ESCAPES =
  /(?:%[\da-f]{2})+|\\u\{[\da-f]{1,6}\}|\\u[\da-f]{4}|\\x[\da-f]{2}|&#(?:\d{1,7}|x[\da-f]{1,6});|&(?:commat|nbsp|sol|period|lowbar);/gi;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&commat;', '@'],
  ['&nbsp;', ' '],
  ['&sol;', '/'],
  ['&period;', '.'],
  ['&lowbar;', '_'],
]);

/**
 * Returns a text as whoever reads it can make it out: escapes and percent-encoding decoded, also when encoded twice;
 * compatibility characters and digits of other scripts as ASCII; without invisible characters. Takes linear time.
 */
export function readableText(text: string): string {
  return foldDigits(
    decoded(text)
      .toWellFormed()
      .normalize('NFKC')
      // Invisible characters and frames around digits would hide what they stand in.
      .replace(/[\p{Cf}\p{DI}\p{Me}]+/gv, ''),
  );
}

function decoded(text: string): string {
  let known = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = known.replace(ESCAPES, decodeEscape);
    if (next === known) break;
    known = next;
  }
  return known;
}

function decodeEscape(escape: string): string {
  if (escape.startsWith('%')) return decodePercent(escape);
  const entity = ENTITIES.get(escape.toLowerCase());
  if (entity !== undefined) return entity;
  const isDecimal = /^&#\d/.test(escape);
  const code = Number.parseInt(escape.replace(/^(?:&#|\\)|[xu{};]/gi, ''), isDecimal ? 10 : 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : escape;
}

function decodePercent(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    // Not UTF-8 as a whole. The ASCII in it can be read nevertheless.
    return escapes.replace(/%[0-7][\da-f]/gi, (escape) =>
      String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
    );
  }
}

const folded = new Map<string, string>();

function foldDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gv, (digit) => {
    const known = folded.get(digit) ?? foldDigit(digit);
    folded.set(digit, known);
    return known;
  });
}

/** Returns the value of a decimal digit. Each script has its ten digits in a row. */
function foldDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/v.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(code - zero);
}
