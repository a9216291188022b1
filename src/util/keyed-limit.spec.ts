import { expect, it } from '@jest/globals';
import { KeyedLimit } from './keyed-limit.js';

it('lets as many tasks of a key run at once as the limit says, and the others in order', async () => {
  const limit = new KeyedLimit(2);
  const started: string[] = [];
  expect(['a', 'a', 'b'].map((key) => limit.enter(key))).toEqual([undefined, undefined, undefined]);
  const waiting = ['third', 'fourth'].map((name) => limit.enter('a')?.then(() => started.push(name)));
  limit.leave('b');
  limit.leave('a');
  await waiting[0];
  expect(started).toEqual(['third']);
  limit.leave('a');
  await waiting[1];
  expect(started).toEqual(['third', 'fourth']);
  for (const _ of [1, 2]) limit.leave('a');
  expect([limit.enter('a'), limit.enter('a')]).toEqual([undefined, undefined]);
  expect(limit.enter('a')).toBeInstanceOf(Promise);
});
