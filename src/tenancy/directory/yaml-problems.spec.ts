import { describe, expect, it } from '@jest/globals';
import { faultsOf } from '../../../test/support/tenants-files.js';

const NUMBER = '8613800000001';
const SECRET = 'LTAI5tSecretSecret';

/** Each has a secret or a number where the parser would quote it, and the problem that is reported at a place. */
const CASES: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
  ['broken brackets', `tenants: [\n${SECRET}`, /^line 2, .*(indentation|missing)/],
  ['a duplicate field', `tenants: []\n${SECRET}: 1\n${SECRET}: 2`, /^line 3, column 1: .*already set/],
  ['two documents', `tenants: []\n---\n${SECRET}`, /^line 2, .*more than one document/],
  ['a tag', `tenants: !${NUMBER} []`, /^line 1, column 10: .*a tag/],
  ['a tag of a scalar', `tenants:\n  - !${NUMBER} x`, /^line 2, column 5: .*a tag/],
  ['a tag with an unknown handle', `tenants: !${SECRET}!x []`, /^line 1, column 10: .*a tag/],
  ['a tag of another kind', `tenants: !!map [${SECRET}]`, /^line 1, column 10: .*a tag/],
  ['a tag that does not fit', `tenants: !!int ${SECRET}`, /^line 1, column 10: .*a tag/],
  ['two tags', `tenants: !${NUMBER} !${NUMBER} x`, /more than one tag/],
  ['two anchors', `tenants: &${SECRET} &${SECRET} x`, /^line 1, column \d+: .*more than one anchor/],
  ['a block scalar header', `tenants: |${SECRET}\n  x`, /^line 1, .*unexpected character/],
  ['a directive', `%${SECRET}\n---\ntenants: []`, /^line 1, .*a directive/],
  ['a version', `%YAML ${NUMBER}\n---\ntenants: []`, /^line 1, .*a directive/],
  ['an escape sequence', `tenants: "\\u${SECRET}"`, /^line 1, .*an escape sequence/],
  ['a reserved character', `tenants: @${SECRET}`, /^line 1, .*reserved character/],
  ['a missing quote', `tenants: "${SECRET}`, /^line 1, .*missing/],
  ['content after a value', `tenants: "x" ${SECRET}`, /^line 1, .*unexpected character/],
  ['an alias with an anchor', `a: &a 1\ntenants: &${SECRET} *a`, /^line 2, .*an alias/],
  ['an anchor before a list', `&${SECRET} - a`, /^line 1, .*unexpected character/],
  ['an anchor without a name', `tenants: & ${SECRET}`, /^line 1, .*must have a name/],
  ['an alias that ends with a colon', `tenants: [*${SECRET}:]`, /must have a name that does not end in ":"/],
  ['a tab', `tenants:\n\t- ${SECRET}`, /^line 2, .*a tab/],
  ['wrong indentation', `tenants:\n    a: 1\n  ${SECRET}: 1`, /^line 3, .*indentation/],
  ['a list on the line of its field', `tenants: - ${SECRET}`, /^line 1, .*unexpected character/],
  ['a mapping on the line of its field', `tenants: a: ${SECRET}`, /^line 1, .*on the line of a field/],
  ['a list in brackets', `tenants: [\n  - ${SECRET}\n]`, /within brackets/],
  ['a name on two lines', `tenants: []\n${SECRET}\n  x: 1`, /continues on the next line/],
  ['a long name', `${SECRET.repeat(100)}: 1`, /longer than 1024/],
  ['a name that is a number', `${NUMBER}: 1\n? [${SECRET}]\n: 1`, /^line 2, .*not text/],
  [
    'an alias without an anchor',
    `tenants:\n  - *${SECRET}`,
    /^line 2, column 5: .*an alias .* without an anchor/,
  ],
  [
    'an alias before its anchor',
    `tenants: [*${SECRET},\n &${SECRET} 1]`,
    /^line 1, column 11: .*without an anchor/,
  ],
  [
    'an alias within its anchor',
    `tenants: &${SECRET}\n - *${SECRET}`,
    /^line 2, column 4: .*within the value/,
  ],
  ['nested lists', '['.repeat(100_000), /^line 1, .*nested too deeply/],
  ['nested lists in lines', `${'- '.repeat(100_000)}x`, /^line 1, .*nested too deeply/],
  ['nested mappings', '{a: '.repeat(100_000), /^line 1, .*nested too deeply/],
  ['a document end first', `...\n${SECRET}: 1`, /^line 2, .*more than one document/],
  ['a closing bracket', `]${SECRET}`, /^line 1, .*unexpected character/],
];

describe('a file that cannot be parsed as YAML', () => {
  it.each(CASES)('is refused with the place, without its content: %s', (_what, text, problem) => {
    const faults = faultsOf(text);
    expect(faults).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
    for (const fault of faults) expect(fault).toMatch(/^line \d+, column \d+: cannot be parsed as YAML: /);
    expect(faults.join('\n')).not.toMatch(/86138|LTAI/);
  });
});
