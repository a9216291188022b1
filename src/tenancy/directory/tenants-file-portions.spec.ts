import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IN_PORTIONS, READERS, parseBothWays } from '../../../test/support/tenants-files.js';
import { parseTenantsFile, readTenantsFile, type TenantsFileResult } from './tenants-file.js';

const inPortions = (text: string): TenantsFileResult => parseTenantsFile(text, READERS, IN_PORTIONS);
const faultsInPortions = (text: string): readonly string[] => {
  const result = inPortions(text);
  return 'faults' in result ? result.faults : [];
};

/** Lines of a tenant, without the indentation of the list. Some need the parser that knows all of YAML. */
const VALID = [
  ["name: 'quoted # not a comment'"],
  ['name: "escaped \\u0041"'],
  ['name: Tom & Jerry'],
  ['name: |-', '  - that looks like an item'],
  ['name: "over', '  two lines"'],
  ['# a comment', 'limits: { requestsPerMinute: 5 }'],
  ['limits: &limits { upstreamWeight: 2 }'],
  ['account: default', ''],
  ['\t'],
  ['# a comment\u2028 in one line'],
  ['name: "A\u2028B"'],
];
const INVALID = [
  ['name: |', '  a line feed'],
  ['limits:', '  requestsPerMinute: many'],
  ['spaces:', '  - custSpaceId: s', "    businessNumbers: ['8613800000001', '8613800000001']"],
  ['spaces:', '- custSpaceId: s2', '- custSpaceId: s2'],
  ['apiKeys:', '  - id: k', `    digest: ${'ab'.repeat(32)}`, '    permissions: [groups:read, groups:all]'],
  ['account: elsewhere'],
  ['colour: red'],
  ['OUTDENT id: x'],
  ['OUTDENT - id: y', '  spaces: []'],
];
const REST = ['accounts:\n  - id: default\n', '# a comment\n', '\n'];

const fields = fc.oneof(
  { weight: 9, arbitrary: fc.subarray(VALID, { maxLength: 2 }) },
  { weight: 1, arbitrary: fc.subarray([...VALID, ...INVALID], { maxLength: 4 }) },
);
const id = fc.oneof(
  { weight: 30, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: fc.constantFrom('a', 'a', '?', '7') },
);
const file = fc
  .record({
    before: fc.subarray([...REST, '---\n']),
    after: fc.subarray([...REST, '# the end', 'extra: 1\n'], { maxLength: 2 }),
    header: fc.constantFrom('tenants:', 'tenants: # all of them', 'tenants:\n\n  # first'),
    indent: fc.constantFrom('', '  ', '    '),
    newline: fc.constantFrom('\n', '\r\n'),
    tenants: fc.array(fc.record({ id, fields }), { minLength: 1, maxLength: 8 }),
  })
  .map(({ before, after, header, indent, newline, tenants }) => {
    const lines = tenants.flatMap((tenant) => [
      `${indent}- id: ${tenant.id}`,
      ...tenant.fields
        .flat()
        .map((line) =>
          line.startsWith('OUTDENT')
            ? `${indent.slice(1)}${line.replace('OUTDENT ', '')}`
            : `${indent}  ${line}`,
        ),
      ...(tenant.fields.flat().includes('spaces:') ? [] : [`${indent}  spaces: []`]),
    ]);
    return [...before, header, '\n', lines.join('\n'), '\n', ...after].join('').replaceAll('\n', newline);
  });

describe('a large tenants file', () => {
  it('means the same as if it were parsed as a whole, and has the same faults in the same places', () => {
    let valid = 0;
    fc.assert(
      fc.property(file, (text) => {
        if ('file' in parseBothWays(text)) valid += 1;
      }),
      { numRuns: 3_000 },
    );
    expect(valid).toBeGreaterThan(100);
  });

  it('is parsed with a pause for each portion', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `  - { id: t-${index}, spaces: [] }\n`);
    const work = readTenantsFile(`tenants:\n${lines.join('')}`, READERS, IN_PORTIONS);
    let pauses = 0;
    while (!work.next().done) pauses += 1;
    expect(pauses).toBeGreaterThan(20);
  });

  it('names the line of broken YAML in any portion', () => {
    const tenants = Array.from({ length: 30 }, (_, index) => `  - id: t-${index}\n    spaces: []\n`);
    tenants[10] = '  - id: "open\n    spaces: []\n';
    tenants[20] = '  - id: x\n    id: x\n    spaces: []\n';
    expect(faultsInPortions(`tenants:\n${tenants.join('')}`)).toEqual([
      expect.stringMatching(/^line 2\d, column \d+: cannot be parsed as YAML/),
      expect.stringMatching(/^line 43, column 5: cannot be parsed as YAML: a field that is already set/),
    ]);
  });

  it.each([
    ['a line with only a tab', '\t'],
    ['less indented items', ' - id: outdented\n   spaces: []'],
    ['a stray field', ' id: x'],
  ])('does not end before %s', (_what, line) => {
    const tenants = (from: number): string =>
      Array.from({ length: 10 }, (_, index) => `  - id: t-${from + index}\n    spaces: []\n`).join('');
    const result = parseBothWays(`tenants:\n${tenants(0)}${line}\n${tenants(10)}`);
    if ('file' in result) expect(result.file.tenants).toHaveLength(20);
  });

  it('may refer to an anchor in another tenant if it can be parsed as a whole', () => {
    const tenants = Array.from({ length: 30 }, (_, index) => `  - id: t-${index}\n    spaces: *none\n`);
    const text = `tenants:\n  - id: first\n    spaces: &none []\n${tenants.join('')}`;
    expect(inPortions(text)).toHaveProperty('file');
    const result = parseTenantsFile(text, READERS, { ...IN_PORTIONS, whole: 200 });
    expect(result).toEqual({ faults: [expect.stringContaining('aliases (*)')] });
  });

  it('must be in block style if it is too long to be parsed as a whole', () => {
    const text = `tenants: [${'{ id: a, spaces: [] }, '.repeat(20)}]`;
    const result = parseTenantsFile(text, READERS, { ...IN_PORTIONS, whole: 200 });
    expect(result).toEqual({ faults: [expect.stringContaining('begin with "- "')] });
  });

  it('has at most 50,000 tenants', () => {
    const text = `tenants:\n${'  - id: a\n'.repeat(50_001)}`;
    expect(parseTenantsFile(text, READERS)).toEqual({
      faults: ['line 1: tenants: must have at most 50000 items'],
    });
  });
});
