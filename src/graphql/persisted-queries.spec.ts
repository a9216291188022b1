import { describe, expect, it } from '@jest/globals';
import { PersistedQueries, documentHash } from './persisted-queries.js';

describe('persisted queries', () => {
  it('are found by their hash', () => {
    const queries = new PersistedQueries();
    const text = '{ viewer { tenantId } }';
    queries.add('acme', documentHash(text), text);
    expect(queries.find('acme', documentHash(text))).toBe(text);
    expect(queries.find('acme', documentHash(`${text} `))).toBeUndefined();
  });

  it('are found only by the tenant that stored them', () => {
    const queries = new PersistedQueries();
    const text = '{ viewer { tenantId } }';
    queries.add('acme', documentHash(text), text);
    expect(queries.find('globex', documentHash(text))).toBeUndefined();
    queries.add('globex', documentHash(text), text);
    for (const tenant of ['acme', 'globex']) expect(queries.find(tenant, documentHash(text))).toBe(text);
  });

  it('go with the tenant that stored them', () => {
    const queries = new PersistedQueries();
    const text = '{ viewer { tenantId } }';
    for (const tenant of ['acme', 'globex']) queries.add(tenant, documentHash(text), text);
    queries.onTenantsRemoved({ tenants: ['acme'], accounts: [], memberships: [] });
    expect(queries.find('acme', documentHash(text))).toBeUndefined();
    expect(queries.find('globex', documentHash(text))).toBe(text);
  });

  it('are not pushed out by those of a tenant that stores more', () => {
    const queries = new PersistedQueries();
    const text = '{ viewer { tenantId } }';
    queries.add('globex', documentHash(text), text);
    for (let index = 0; index < 10_000; index += 1) {
      const other = `#${index}`.padEnd(1_000, '#');
      queries.add('acme', documentHash(other), other);
    }
    expect(queries.find('globex', documentHash(text))).toBe(text);
  });

  it('take at most 4 MiB, and the latest are kept', () => {
    const queries = new PersistedQueries();
    const text = (index: number): string => `#${index}`.padEnd(16 * 1024, 'ä').slice(0, 8_000);
    for (let index = 0; index < 1_000; index += 1)
      queries.add('acme', documentHash(text(index)), text(index));
    const kept = Array.from({ length: 1_000 }, (_, index) =>
      queries.find('acme', documentHash(text(index))),
    ).filter((found) => found !== undefined);
    expect(kept.reduce((sum, found) => sum + Buffer.byteLength(found), 0)).toBeLessThanOrEqual(4_194_304);
    expect(kept.length).toBeGreaterThan(200);
    expect(kept.at(-1)).toBe(text(999));
  });

  it('are not stored if longer than 16 KiB', () => {
    const queries = new PersistedQueries();
    for (const [length, isStored] of [
      [16_384, true],
      [16_385, false],
    ] as const) {
      const text = 'a'.repeat(length);
      queries.add('acme', documentHash(text), text);
      expect(queries.find('acme', documentHash(text)) !== undefined).toBe(isStored);
    }
  });
});
