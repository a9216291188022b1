import { CORE_SCHEMA, load } from 'js-yaml';

/** Not what a parser could take for something else than text. */
const NAME = '(?![Tt]rue|TRUE|[Ff]alse|FALSE|[Nn]ull|NULL)[A-Za-z]+';
const QUOTED = String.raw`(?:'[^'\n]*'|"[^"\\\n]*")`;
/** Within brackets, and outside of them. */
const WORD = String.raw`[\p{L}\p{N}][\p{L}\p{N}:._@/+-]*(?<!:)`;
const TEXT = String.raw`[\p{L}\p{N}](?:[\p{L}\p{N} .,;_/@()+&*!?-]|:(?=[\p{L}\p{N}]))*`;
const VALUE = `(?:${WORD}|${QUOTED})`;
const LIST = String.raw`\[ *(?:${VALUE}(?: *, *${VALUE})*)? *\]`;
const MAPPING = String.raw`\{ *(?:${NAME}: +${VALUE}(?: *, *${NAME}: +${VALUE})*)? *\}`;
const ANY = `(?:${TEXT}|${QUOTED}|${LIST}|${MAPPING})`;
/** One parser reads it as infinity, the other as text. */
const HUGE = String.raw`\b[\d.]+[eE]\+?\d{3,}\b`;
/** A line without anchors, aliases, tags, escape sequences, block texts, tabs, nested brackets, and names that are not words. */
const PLAIN_LINE = new RegExp(
  `^(?!.*${HUGE}) *(?:- +)?(?:${NAME}:(?: +${ANY})?|${ANY})? *(?:(?<= |^)#.*)?\\r?$`,
  'u',
);

/** The pattern takes time in proportion to the square of the length, at worst. */
const MAX_LINE_CHARACTERS = 500;

function isPlain(line: string): boolean {
  return line.length <= MAX_LINE_CHARACTERS && PLAIN_LINE.test(line);
}

/**
 * Returns what plain YAML means; `undefined` if that takes the other parser, which is eight times as slow but knows where
 * everything is. Both read plain YAML in the same way.
 */
export function readPlainYaml(text: string): unknown {
  // Only a line feed makes a carriage return part of the end of a line.
  if (text.endsWith('\r') || !text.split('\n').every(isPlain)) return undefined;
  try {
    return load(text, { schema: CORE_SCHEMA });
  } catch {
    return undefined;
  }
}
