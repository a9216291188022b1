import { Alias, YAMLMap } from 'yaml';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { DIGEST, faultsOf, parsed } from '../../../test/support/tenants-files.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');
/** `fbc` for 12: the name of a field that may be shown. */
const letters = (index: number): string =>
  `f${[...String(index)].map((digit) => 'abcdefghij'.charAt(Number(digit))).join('')}`;

describe('a tenants file with many faults', () => {
  it.each([
    ['incomplete tenants', `tenants:\n${lines(500, (n) => `  - { id: t-${n} }`)}`, 500],
    [
      'unknown fields',
      `tenants:\n  - id: a\n    spaces: []\n${lines(500, (n) => `    ${letters(n)}: 1`)}`,
      500,
    ],
    [
      'invalid numbers',
      `tenants: [{ id: a, spaces: [{ custSpaceId: s, businessNumbers: [${'1,'.repeat(500)}] }] }]`,
      500,
    ],
    ['duplicate fields', 'tenants: []\n'.repeat(501), 500],
    ['tags', `tenants:\n${'  - !x 1\n'.repeat(500)}`, 500],
    ['escape sequences', `tenants: "${'\\q'.repeat(500)}"`, 500],
    ['closing brackets', ']\n'.repeat(500), 500],
    ['aliases without an anchor', `tenants: [${'*x,'.repeat(500)}]`, 500],
  ])('is described by the first 100 and the number of others: %s', (_what, text, count) => {
    const faults = faultsOf(text);
    expect(faults).toHaveLength(101);
    expect(faults.slice(0, 100).every((fault) => fault.startsWith('line '))).toBe(true);
    expect(faults[100]).toBe(`… and ${count - 100} more faults`);
  });

  it('is described completely up to 100, and counts in thousands', () => {
    const withFaults = (count: number) => faultsOf(`tenants:\n${lines(count, (n) => `  - { id: t-${n} }`)}`);
    expect(withFaults(100)).toHaveLength(100);
    expect(withFaults(101).at(-1)).toBe('… and 1 more fault');
    expect(withFaults(5_000).at(-1)).toBe('… and 4,900 more faults');
  });

  it('does not search the document for each alias', () => {
    const resolve = jest.spyOn(Alias.prototype, 'resolve');
    const keys = (permissions: (n: number) => string) =>
      lines(
        300,
        (n) =>
          `  - { id: t-${n}, spaces: [], apiKeys: [{ id: k-${n}, digest: x, permissions: ${permissions(n)} }] }`,
      );
    expect(faultsOf(`tenants:\n${keys((n) => (n === 0 ? '&p [groups:raed]' : '*p'))}`)[3]).toMatch(
      /^line 2, tenant t-1: apiKeys\[0\]\.permissions\[0\]: /,
    );
    expect(resolve).not.toHaveBeenCalled();
  });

  it('does not search a mapping for each of its fields', () => {
    let searched = 0;
    jest.spyOn(YAMLMap.prototype, 'get').mockImplementation(() => (searched += 1));
    for (const method of ['find', 'some'] as const) {
      const original = Array.prototype[method];
      jest.spyOn(Array.prototype, method).mockImplementation(function (this: unknown[], ...args) {
        if (this.length >= 200) searched += 1;
        return Reflect.apply(original, this, args) as never;
      });
    }
    faultsOf(`tenants:\n  - id: a\n    spaces: []\n${lines(200, (n) => `    ${letters(n)}: 1`)}`);
    jest.restoreAllMocks();
    expect(searched).toBe(0);
  });
});

describe('aliases', () => {
  it('may stand for one value in every tenant', () => {
    const file = parsed(
      `tenants:\n${lines(500, (n) => `  - { id: t-${n}, spaces: [], limits: ${n === 0 ? '&l { deletesPerHour: 5 }' : '*l'} }`)}`,
    );
    expect(file.tenants.every(({ limits }) => limits.deletesPerHour === 5)).toBe(true);
  });

  it('may stand for text, also for the name of a field', () => {
    const text = `tenants: [{ id: &x acme, &name name: *name, spaces: [{ custSpaceId: *x }], apiKeys: [{ id: *x, digest: ${DIGEST}, permissions: [groups:read] }] }]`;
    expect(parsed(text).tenants[0]).toMatchObject({ id: 'acme', name: 'name', apiKeys: [{ id: 'acme' }] });
  });

  it.each([
    [
      'twice what the one before stands for',
      `a: &a0 [x]\n${lines(40, (n) => `b: &a${n + 1} [*a${n}, *a${n}]`)}`,
    ],
    ['a long text', `a: &a ${'x'.repeat(100_000)}\ntenants: [${'*a,'.repeat(1_000)}]`],
    [
      'a long list, in another list',
      `a: &a [${'1,'.repeat(50_000)}]\nb: &b [${'*a,'.repeat(100)}]\ntenants: [*b,*b]`,
    ],
  ])('may not stand for too much: %s', (_what, text) => {
    const faults = faultsOf(text).filter((fault) => fault.includes('stand for too much content'));
    expect(faults).toEqual([
      expect.stringMatching(/^line \d+, column \d+: cannot be parsed as YAML: aliases /),
    ]);
  });
});
