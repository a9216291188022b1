import { type ErrorCode, LineCounter } from 'yaml';

/** Our own texts for problems of the YAML itself: messages of the parser quote the file, possibly a number or a secret. */
const PROBLEMS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*) cannot have an anchor (&) or a tag (!)',
  BAD_ALIAS: 'an anchor (&) or an alias (*) must have a name that does not end in ":"',
  BAD_COLLECTION_TYPE: 'a tag (!) that does not fit its value',
  BAD_DIRECTIVE: 'a directive (%) that is not valid',
  BAD_DQ_ESCAPE: 'an escape sequence (\\) that is not valid in double quotes',
  BAD_INDENT: 'wrong indentation',
  BAD_PROP_ORDER: 'an anchor (&) or a tag (!) before the indicator instead of after it',
  BAD_SCALAR_START: 'a value that starts with a reserved character: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a list or a mapping on the line of a field: start a new line, or put a text with ": " in quotes',
  BLOCK_IN_FLOW: 'an indented list or mapping within brackets',
  DUPLICATE_KEY: 'a field that is already set in this mapping',
  IMPOSSIBLE: 'content that cannot be parsed',
  KEY_OVER_1024_CHARS: 'the name of a field is longer than 1024 characters',
  MISSING_CHAR: 'a character is missing, such as a closing quote or bracket, a comma, a colon or a space',
  MULTILINE_IMPLICIT_KEY: 'the name of a field, or a missing ":" after it, continues on the next line',
  MULTIPLE_ANCHORS: 'more than one anchor (&) for a value',
  MULTIPLE_DOCS: 'more than one document (---)',
  MULTIPLE_TAGS: 'more than one tag (!) for a value',
  NON_STRING_KEY: 'the name of a field is not text: put it in quotes',
  RESOURCE_EXHAUSTION: 'lists or mappings are nested too deeply',
  TAB_AS_INDENT: 'a tab in the indentation: use spaces',
  TAG_RESOLVE_FAILED: 'a tag (!) that is not supported or does not fit its value',
  UNEXPECTED_TOKEN: 'an unexpected character',
};

/** Problems that the parser leaves to its caller. */
const OWN_PROBLEMS = {
  UNRESOLVED_ALIAS: 'an alias (*) without an anchor (&) of its name before it',
  ALIAS_OF_PARENT: 'an alias (*) within the value that it stands for',
  EXCESSIVE_ALIASES: 'aliases (*) that stand for too much content: write the file with fewer of them',
} as const;

/** A problem of the YAML, and its offset in the text. */
export interface YamlProblem {
  readonly code: ErrorCode | keyof typeof OWN_PROBLEMS;
  readonly offset: number | undefined;
}

const TEXTS = new Map<string, string>(Object.entries({ ...PROBLEMS, ...OWN_PROBLEMS }));

/** `line 12, column 3: cannot be parsed as YAML: wrong indentation`. The text may begin at another line than 1. */
export function describeProblem({ code, offset }: YamlProblem, lines: LineCounter, firstLine = 1): string {
  const { line, col } = lines.linePos(offset ?? 0);
  const place = offset === undefined || line < 1 ? '' : `line ${line + firstLine - 1}, column ${col}: `;
  return `${place}cannot be parsed as YAML: ${TEXTS.get(code) ?? PROBLEMS.IMPOSSIBLE}`;
}

/** Finding lines takes time, which a valid file need not spend. */
export function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return lines;
}
