import fc from 'fast-check';
import { expect, it } from '@jest/globals';
import { jsonLine } from './json-line.js';

it('is what JSON.stringify makes of the value, and a line feed', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 5 })), (value) => {
      expect(jsonLine(value).toString()).toBe(`${JSON.stringify(value)}\n`);
    }),
  );
});

it('does not retain more memory than it needs', () => {
  const line = jsonLine({ data: null });
  expect(line.buffer.byteLength).toBe(line.length);
});
