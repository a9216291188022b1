import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readPlainYaml } from './plain-yaml.js';
import { parseYaml } from './yaml-content.js';

/** Values, and what structures them, one per line or bar. */
const PIECES = [
  'a|id|Acme Travel|8613800000001|007|-1|+1|1.5|.5|1e3|1e400|1_000|0x1F|0o17|null|~|true|False|yes|on',
  '2027-01-01|2027-01-01T00:00:00Z|.inf|.nan|=|-|- |: |:|[|]|{|}|, |\'|\'\'|"|""|#| # b| |  |    |0b11|0xFACE|\u2028|\u00e9',
  '\n|\n  |\n- |\n  - |\r\n',
].flatMap((pieces) => pieces.split('|'));

/** What the other parser says, with its problems as nothing. */
function fully(text: string): unknown {
  const content = parseYaml(text);
  return 'value' in content ? content.value : undefined;
}

function isRead(text: string): boolean {
  const plain = readPlainYaml(text);
  if (plain !== undefined) expect(plain).toEqual(fully(text));
  return plain !== undefined;
}

it('means what the other parser says, or is left to it', () => {
  let read = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }), (pieces) => {
      if (isRead(pieces.join(''))) read += 1;
    }),
    { numRuns: 50_000 },
  );
  expect(read).toBeGreaterThan(3_000);
});

it.each([
  'a: &x 1',
  'a: *x',
  'a: !!str 1',
  'a: "\\u0041"',
  'a: |\n  b',
  'a: >\n  b',
  '? a\n: b',
  '\ta: 1',
  '<<: {}',
  '---\na: 1',
  'a: 1\n...',
  '%YAML 1.2',
  'a: @b',
  'a: `b`',
])('leaves what is not plain to the other parser: %j', (text) => {
  expect(readPlainYaml(text)).toBeUndefined();
});
