import fc from 'fast-check';
import { expect, it } from '@jest/globals';
import { jsonName } from './json-name.js';

it('is the same only for equal values', () => {
  const texts = fc.json({ maxDepth: 3 }).map((text) => text.replaceAll('true', '1e400'));
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      const [a, b] = [JSON.parse(one), JSON.parse(other)] as [unknown, unknown];
      const [nameOfA, nameOfB] = [jsonName(a), jsonName(b)];
      if (nameOfA !== undefined && nameOfA === nameOfB) expect(a).toEqual(JSON.parse(JSON.stringify(b)));
    }),
  );
});

it.each(['1e400', '-1e400', '{"n":1e400}', '{"n":null,"list":[0,[1e999]]}'])(
  'there is none for %s',
  (text) => {
    expect(jsonName(JSON.parse(text))).toBeUndefined();
  },
);

it.each(['null', '{"n":null}', '{"null":1}', '[1,"1e400"]'])('is the JSON of %s', (text) => {
  expect(jsonName(JSON.parse(text))).toBe(text);
});
