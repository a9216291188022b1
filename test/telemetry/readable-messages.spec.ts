import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import ts from 'typescript';
import { redact } from '../../src/util/redaction.js';

const LEVELS = new Set(['fatal', 'error', 'warn', 'log', 'info', 'debug', 'verbose']);

/** Folders whose sentences are details and violations of errors, which are redacted like log lines. */
const FOLDERS_OF_ERRORS =
  'chat-groups graphql http idempotency listeners rate-limit readiness request tenancy'.split(' ');

function parsed(folder: string): ts.SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => join(folder, file))
    .map((path) => ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true));
}

/** The constant texts within a node. The parts of templates between their values count as well. */
function textsIn(node: ts.Node): string[] {
  const texts: string[] = [];
  const collect = (part: ts.Node): void => {
    if (ts.isStringLiteralLike(part) || ts.isTemplateHead(part) || ts.isTemplateMiddleOrTemplateTail(part))
      texts.push(part.text);
    ts.forEachChild(part, collect);
  };
  collect(node);
  return texts;
}

/** The constant texts in the calls of loggers of a file. */
function messagesOf(source: ts.SourceFile): string[] {
  const messages: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isLogging(node)) messages.push(...node.arguments.flatMap(textsIn));
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return messages;
}

const unreadable = (texts: readonly string[]): string[] => texts.filter((text) => redact(text) !== text);

function isLogging(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const { expression, name } = node.expression;
  return LEVELS.has(name.text) && /log(?:ger)?(?:\(.*\))?$/is.test(expression.getText());
}

it('every constant log message reaches its reader as it was written', () => {
  const messages = parsed('src').flatMap(messagesOf);
  expect(messages.length).toBeGreaterThan(60);
  expect(unreadable(messages)).toEqual([]);
});

it('so does every constant sentence of an error', () => {
  const texts = FOLDERS_OF_ERRORS.flatMap((folder) => parsed(join('src', folder))).flatMap(textsIn);
  const sentences = texts.filter((text) => /[a-z,:]+ [a-z]+/i.test(text));
  expect(sentences.length).toBeGreaterThan(200);
  expect(unreadable(sentences)).toEqual([]);
});
