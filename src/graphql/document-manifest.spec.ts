import { describe, expect, it } from '@jest/globals';
import { parseManifest } from './document-manifest.js';

const QUERY = '{ viewer { tenantId } }';
const apollo = (operations: unknown, version: unknown = 1): string =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version, operations });

describe('a manifest of documents', () => {
  it('is read in the format of Apollo', () => {
    const operation = { id: 'a1', name: 'A', type: 'query', body: QUERY };
    expect([...parseManifest(apollo([operation, operation]))]).toEqual([['a1', QUERY]]);
  });

  it('is read in the format of GraphQL Code Generator', () => {
    expect([...parseManifest(JSON.stringify({ a1: QUERY, 'sha256:b2': `${QUERY} ` }))]).toEqual([
      ['a1', QUERY],
      ['sha256:b2', `${QUERY} `],
    ]);
  });

  it.each([
    '',
    '[]',
    '{}',
    '{"a1": 1}',
    '{"a1": " "}',
    '{"": "{ viewer { tenantId } }"}',
    apollo([]),
    apollo({}),
    apollo([{ id: 'a1' }]),
    apollo([{ body: QUERY }]),
    apollo([null]),
    apollo([{ id: 'a1', body: QUERY }], 2),
    apollo([
      { id: 'a1', body: QUERY },
      { id: 'a1', body: `${QUERY} ` },
    ]),
  ])('is refused as a whole: %s', (text) => {
    expect(() => parseManifest(text)).toThrow();
  });
});
