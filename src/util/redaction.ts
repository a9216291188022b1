import { readableText } from './readable-text.js';
import { FOREIGN_RULES, NAME_RULES, RULES, type Rule } from './redaction-rules.js';

/** Other scripts and escapes, which the hints of the rules do not match. */
const ENCODED = /[^\n -~]|[%\\&]/;
/** Whatever one of the rules can find matches one of these. Most texts match none, and are returned at once. */
const SUSPICIOUS = [ENCODED, ...['', 'i'].map(hintsWith)];

function hintsWith(flags: string): RegExp {
  const hints = new Set(RULES.filter(({ hint }) => hint.flags === flags).map(({ hint }) => hint.source));
  return new RegExp([...hints].join('|'), flags);
}

/** Short texts that contain none. Every log line repeats some, and looking one up costs a tenth of the patterns. */
const harmless = new Set<string>();
const MAX_HARMLESS = 1_000;
const MAX_HARMLESS_LENGTH = 160;

function noteHarmless(text: string): string {
  if (text.length > MAX_HARMLESS_LENGTH) return text;
  if (harmless.size >= MAX_HARMLESS) harmless.clear();
  harmless.add(text);
  return text;
}

/**
 * Longest text that is redacted, before and after it was made readable: one character can stand for 18. The rest is left out,
 * because anybody can send a long text, and the patterns take 2 µs per character.
 */
const MAX_CHARACTERS = 4_096;
/** A secret that was cut in two may not look like one. Those that the patterns know only by their length are shorter. */
const MAX_WORD = 128;

function bounded(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const cut = text.slice(0, maxCharacters);
  const lastWord = /\S*$/.exec(cut.slice(-MAX_WORD))?.[0] ?? '';
  return `${cut.slice(0, cut.length - lastWord.length)}…`;
}

/**
 * Redacts keys, tokens, URLs, invite links, IDs of members and accounts, and full phone numbers in whatever spelling, in
 * texts of the gateway: log lines, audit lines, errors. A text without any is returned unchanged, unless it is too long.
 */
export function redact(whole: string, maxCharacters = MAX_CHARACTERS): string {
  if (harmless.has(whole)) return whole;
  const text = bounded(whole, maxCharacters);
  if (!SUSPICIOUS.some((pattern) => pattern.test(text))) return noteHarmless(text);
  const plain = readableText(text);
  const clean = applied(RULES, bounded(plain, maxCharacters));
  // If it was cut, the rest of the text has not been looked at.
  return clean === plain ? text : clean;
}

/** Redacts more, in the words of others: also short numbers, addresses and anything like a token. */
export function redactForeign(text: string, maxCharacters = MAX_CHARACTERS): string {
  const plain = readableText(bounded(text, maxCharacters));
  return applied(FOREIGN_RULES, bounded(plain, maxCharacters));
}

/** Redacts a name that a caller chose, such as that of an operation or a field: short numbers and anything like a token, too. */
export function redactName(name: string, maxCharacters = MAX_CHARACTERS): string {
  return applied(NAME_RULES, redact(name, maxCharacters));
}

function applied(rules: readonly Rule[], text: string): string {
  return rules.reduce(
    (rest, { hides, behind }) =>
      typeof behind === 'string' ? rest.replace(hides, behind) : rest.replace(hides, behind),
    text,
  );
}

/** Fields of log lines whose values are the gateway's own or made for such an ID, and those of the line `started`. */
const SAFE_FIELDS: ReadonlySet<string> = new Set(
  `requestId traceId spanId upstreamRequestId operationId write tenant principal account keyId groupId custSpaceId method route code
   digest idempotencyKey time address url managementUrl sandboxUrl settings`.split(/\s+/),
);
const MAX_DEPTH = 5;

/** Redacts all texts in the fields of a line. Returns the same object if there is nothing to redact. */
export function redactFields<T extends object>(fields: T, depth = 0): T {
  let clean: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    const value = (fields as Record<string, unknown>)[name];
    // Nothing else can hold text. Checked first, because every line has many such fields.
    if (typeof value !== 'string' && typeof value !== 'object') continue;
    const redacted = SAFE_FIELDS.has(name) ? value : redactValue(value, depth);
    if (redacted === value) continue;
    clean ??= { ...(fields as Record<string, unknown>) };
    clean[name] = redacted;
  }
  return (clean as T | undefined) ?? fields;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  // Errors have a serializer of their own.
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (!Array.isArray(value)) return redactFields(value, depth + 1);
  const clean = value.map((item: unknown) => redactValue(item, depth + 1));
  return clean.some((item, index) => item !== value[index]) ? clean : value;
}
