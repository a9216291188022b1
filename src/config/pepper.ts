import type { EnvReader } from './env-reader.js';
import { SANDBOX_PEPPER, usesSandbox } from './sandbox.js';

const MIN_CHARACTERS = 32;
const MIN_CHARACTERS_OF_PREVIOUS = 16;
/** 32 random characters have about 29 different pairs of neighbours, also if they are only digits. */
const MIN_PAIRS = 16;
/** ... and about 14 different distances between neighbours; a sequence such as `abcd…` has one. */
const MIN_DISTANCES = 6;

/** Reads the pepper, the HMAC key for the digests of all API keys. */
export function readPepper(read: EnvReader): string {
  const pepper = read.text('API_KEY_PEPPER');
  if (pepper === undefined) return usesSandbox(read) ? SANDBOX_PEPPER : read.missing('API_KEY_PEPPER');
  if (read.production) refuseWeak(read, pepper);
  return pepper;
}

/** Reads the pepper for new keys. It must be good enough for production, unless it is the pepper of the sandbox. */
export function readPepperOfKeys(read: EnvReader): string {
  const pepper = readPepper(read);
  if (pepper !== SANDBOX_PEPPER && pepper !== '') refuseWeak(read, pepper);
  return pepper;
}

/** Reads the pepper before. It may be weaker: otherwise, a weak pepper could not be rotated without an outage. */
export function readPreviousPepper(read: EnvReader): string | null {
  const pepper = read.text('API_KEY_PEPPER_PREVIOUS');
  if (pepper === undefined) return null;
  if (read.production && (pepper === SANDBOX_PEPPER || pepper.length < MIN_CHARACTERS_OF_PREVIOUS))
    read.fault(
      'API_KEY_PEPPER_PREVIOUS',
      `must be at least ${MIN_CHARACTERS_OF_PREVIOUS} characters and must not be the pepper of the sandbox`,
    );
  if (pepper === read.text('API_KEY_PEPPER'))
    read.fault('API_KEY_PEPPER_PREVIOUS', 'is the same as API_KEY_PEPPER: remove it');
  return pepper;
}

function refuseWeak(read: EnvReader, pepper: string): void {
  if (isWeak(pepper))
    read.fault(
      'API_KEY_PEPPER',
      `must be at least ${MIN_CHARACTERS} characters and not a repetition, a sequence or sample text: make one with openssl rand -base64 48`,
    );
}

/** What examples and templates say in the place of a secret. Random text has none of these. */
const SAMPLE_TEXT = /(?:change|replace)[-_ ]?(?:me|it|this|with)|place-?holder|password|qwerty/i;

/** Whether a text is too short for a key, repeats itself, or counts up. */
function isWeak(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const pairs = new Set<string>();
  const distances = new Set<number>();
  codes.slice(1).forEach((code, index) => {
    const before = codes[index] ?? 0;
    pairs.add(`${before} ${code}`);
    distances.add(code - before);
  });
  // Also if the last time is cut off.
  const periods = [...codes.keys()].filter((period) => period > 0 && period * 4 <= text.length * 3);
  const repeats = periods.some((period) => hasPeriod(text, period));
  if (SAMPLE_TEXT.test(text)) return true;
  return codes.length < MIN_CHARACTERS || repeats || pairs.size < MIN_PAIRS || distances.size < MIN_DISTANCES;
}

/** Whether a text consists of its first characters, again and again. */
function hasPeriod(text: string, characters: number): boolean {
  return text.startsWith(text.slice(characters));
}
