import { describe, expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, parse, print, validate } from 'graphql';
import { type NormalizedOperation, normalizeOperation } from './normalize-operation.js';

const schema = buildSchema(`
  enum Status { OPEN DONE }
  input Filter { status: Status = OPEN }
  type Item { id: ID!, name: String, next: Item }
  type Query {
    all(first: Int, status: Status, name: String, ids: [ID!], filter: Filter): Item!
    item(id: ID!): Item
  }
  type Mutation { drop(id: ID): Item }
`);
for (const type of [schema.getQueryType(), schema.getMutationType()])
  for (const field of Object.values(type?.getFields() ?? {})) field.resolve = () => null;

function compilable(query: string, operationName?: string): NormalizedOperation | undefined {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new Error('There is no such operation.');
  return normalizeOperation({ schema, document, operation });
}

/** On one line. */
const written = (query: string, operationName?: string): string | undefined => {
  const made = compilable(query, operationName);
  return made && print(made.document).replaceAll(/\s+/g, ' ');
};

describe('an operation is compiled', () => {
  it('without fragments, and without other operations', () => {
    const query = `query A { all { ...F ...F } } query B { item(id: 1) { ...F } }
      fragment F on Item { id ...G } fragment G on Item { next { name } }`;
    const fragment = '... on Item { id ... on Item { next { name } } }';
    expect(written(query, 'A')).toBe(`query A { all { ${fragment} ${fragment} } }`);
  });

  it('without nodes that stand in two places', () => {
    const made = compilable('{ all { ...F next { ...F } } } fragment F on Item { name }');
    const seen = new Set<unknown>();
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null || !('kind' in node)) return;
      expect(seen).not.toContain(node);
      if (node.kind === 'Field') seen.add(node);
      for (const value of Object.values(node)) [value].flat().forEach((child) => walk(child));
    };
    walk({ ...made?.document, loc: undefined });
    expect(seen.size).toBe(4);
  });

  it('with variables in place of literals', () => {
    const made = compilable('{ all(first: 5, status: DONE, name: """ a "b" """) { id } }');
    expect(made?.literals).toEqual({ literal0: 5, literal1: 'DONE', literal2: ' a "b" ' });
    expect(made && print(made.document)).toContain(
      'all(first: $literal0, status: $literal1, name: $literal2)',
    );
  });

  it('with variables of other names than those of the caller', () => {
    const made = compilable('query ($literal0: Int) { all(first: $literal0, name: null) { id } }');
    expect(made?.literals).toEqual({ literal1: null });
  });

  it('without defaults, which are put in before', () => {
    expect(written('query ($n: Int = 3) { all(first: $n) { id } }')).toBe(
      'query ($n: Int) { all(first: $n) { id } }',
    );
  });

  it('with the conditions that variables decide, and without what literals leave out', () => {
    const made = compilable(`query ($a: Boolean = true, $b: Boolean!) {
      all { id @include(if: $a) @skip(if: false) name @skip(if: true) next @include(if: true) { id @skip(if: $b) } }
    }`);
    expect(made && print(made.document).replaceAll(/\s+/g, ' ')).toBe(
      'query ($a: Boolean!, $b: Boolean!) { all { id @include(if: $a) next { id @skip(if: $b) } } }',
    );
    expect(made?.conditions).toEqual(['a', 'b']);
  });

  it.each([
    ['several fields that cannot be null', '{ all { id } b: all { id } }'],
    ['several fields that can be null', '{ item(id: 1) { id } b: item(id: 2) { id } }'],
    ['fields beside what tells of the schema', '{ all { id } __schema { queryType { name } } __typename }'],
    ['the same field twice', '{ all { id } all { id name } }'],
    [
      'the same field twice within one condition',
      'query ($a: Boolean!) { all { next @include(if: $a) { id id } } }',
    ],
  ])('with %s', (_, query) => expect(compilable(query)).toBeDefined());
});

describe('an operation is left to graphql-js', () => {
  it.each([
    ['is a mutation', 'mutation { drop(id: 1) { id } }'],
    ['takes a list', '{ all(ids: [1]) { id } }'],
    ['takes a value for a list', '{ all(ids: 1) { id } }'],
    ['takes a list from a variable', 'query ($i: [ID!]) { all(ids: $i) { id } }'],
    ['takes an input object', '{ all(filter: {}) { id } }'],
    ['takes an input object from a variable', 'query ($f: Filter) { all(filter: $f) { id } }'],
    ['selects a field twice, once under a condition', 'query ($a: Boolean!) { all { id @skip(if: $a) id } }'],
    [
      'does so in fields that merge',
      'query ($a: Boolean!) { all { next { id } } all { next { id @skip(if: $a) } } }',
    ],
    [
      'does so by fragments',
      'query ($a: Boolean!) { all { ...F @skip(if: $a) ...F } } fragment F on Item { id }',
    ],
    ['could lose errors to a field that cannot be null', '{ all { id } item(id: 1) { id } }'],
    ['sets a prototype', '{ all { __proto__: id } }'],
    ['has a variable that sets a prototype', 'query ($__proto__: Int) { all(first: $__proto__) { id } }'],
  ])('that %s', (_, query) => expect(compilable(query)).toBeUndefined());
});
