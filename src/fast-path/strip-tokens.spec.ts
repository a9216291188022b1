import { expect, it } from '@jest/globals';
import { GraphQLError, Kind, parse } from 'graphql';
import { stripTokens } from './strip-tokens.js';

const TEXT = `# a comment
query L($n: String!) {
  groups(n: $n) { ...F } # another
}
fragment F on Group { id }`;

/** Every object that can be reached. */
function reachable(value: unknown, found = new Set<unknown>()): Set<unknown> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found;
  found.add(value);
  for (const part of Object.values(value)) reachable(part, found);
  return found;
}

it('leaves nothing of the text but the text, and where each node stands in it', () => {
  const [document, whole] = [parse(TEXT), parse(TEXT)];
  const isToken = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && 'next' in value && 'prev' in value;
  expect([...reachable(whole)].some(isToken)).toBe(true);
  stripTokens(document);
  expect([...reachable(document)].some(isToken)).toBe(false);
  const fragment = document.definitions[1];
  const field = fragment?.kind === Kind.FRAGMENT_DEFINITION ? fragment.selectionSet.selections[0] : undefined;
  expect(new GraphQLError('wrong', { nodes: field ?? [] }).locations).toEqual([{ line: 5, column: 23 }]);
});
