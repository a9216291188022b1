import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';
import type { FaultList } from './fault-list.js';
import type { YamlProblem } from './yaml-problems.js';

/** The file needs about ten levels. Each level of the parser takes memory and stack. */
const MAX_DEPTH = 200;

/**
 * Parses the one document of a text. Returns `null` if it is nested too deeply; the document is unusable as well if there
 * are problems. Unlike `parseDocument` of the library, this takes no memory for each problem, and leaves finding duplicate
 * fields to its caller: the library compares each field with all fields before it.
 */
export function composeDocument(text: string, problems: FaultList<YamlProblem>): Document | null {
  const composer = new Composer({
    schema: 'core',
    stringKeys: true,
    logLevel: 'error',
    prettyErrors: false,
    uniqueKeys: false,
  });
  // Private, but the library has no other way: its own handler keeps an error with a stack for each problem.
  composer['onError'] = (source: Place, code: YamlProblem['code']) =>
    problems.add({ code, offset: offsetOf(source) });
  let first: Document | null = null;
  for (const document of composer.compose(tokens(text, problems), true, text.length)) {
    for (const { code, pos } of [...document.errors, ...document.warnings])
      problems.add({ code, offset: pos[0] });
    if (first !== null) {
      problems.add({ code: 'MULTIPLE_DOCS', offset: document.range[0] });
      break;
    }
    first = document;
  }
  return first;
}

/** An offset, a range or a token. */
type Place = number | readonly [number, ...number[]] | { readonly offset: number };

function offsetOf(source: Place): number {
  if (typeof source === 'number') return source;
  return 'offset' in source ? source.offset : source[0];
}

/** Omits the tokens for which the composer would keep an error each. */
function* tokens(text: string, problems: FaultList<YamlProblem>): Generator<CST.Token> {
  const parser = new Parser();
  let ended = false;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error') problems.add({ code: 'UNEXPECTED_TOKEN', offset: token.offset });
      else if (token.type !== 'doc-end' || !ended) yield token;
      ended ||= token.type === 'doc-end';
    }
    if (parser.stack.length > MAX_DEPTH) {
      problems.add({ code: 'RESOURCE_EXHAUSTION', offset: parser.offset });
      return;
    }
  }
  yield* parser.end();
}
