import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { HEADER_FAULTS, KEY_FAULTS, TOKEN_FAULTS } from '../../src/request/refused-credentials.js';

it('every reason for refusing credentials has an entry in the documentation that says what to do', () => {
  const rows = readFileSync('docs/authentication.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .join('\n');
  const reasons = [...HEADER_FAULTS, ...KEY_FAULTS, ...TOKEN_FAULTS];
  expect(reasons.filter((reason) => !rows.includes(`\`${reason}\``))).toEqual([]);
});
