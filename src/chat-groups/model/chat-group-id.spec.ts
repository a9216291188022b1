import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeChatGroupId, encodeChatGroupId, locateChatGroup } from './chat-group-id.js';

const LOCATION = { custSpaceId: 'cams-acme', businessNumber: '8613800000001', groupId: 'g-1' };
const encode = (text: string): string => Buffer.from(text).toString('base64url');

it('round-trips every location', () => {
  const part = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((text) => !text.includes('\u0000') && text.isWellFormed());
  fc.assert(
    fc.property(part, part, part, (custSpaceId, businessNumber, groupId) => {
      const location = { custSpaceId, businessNumber, groupId };
      expect(decodeChatGroupId(encodeChatGroupId(location))).toEqual(location);
      expect(locateChatGroup(encodeChatGroupId(location))).toEqual(location);
    }),
  );
});

it.each([
  '',
  'garbage',
  encode('g1'),
  encode('g1\u0000a\u0000b'),
  encode('g1\u0000a\u0000b\u0000'),
  encode('g1\u0000\u0000b\u0000c'),
  encode('g2\u0000a\u0000b\u0000c'),
  encode('g1\u0000a\u0000b\u0000c\u0000d'),
  `${encodeChatGroupId(LOCATION)}=`,
  `${encodeChatGroupId(LOCATION)} `,
  Buffer.concat([Buffer.from('g1\u0000a\u0000b\u0000'), Buffer.of(0xff)]).toString('base64url'),
])('rejects an invalid id: %j', (id) => {
  expect(decodeChatGroupId(id)).toBeUndefined();
  expect(() => locateChatGroup(id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

it('has exactly one encoding per location', () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      const location = decodeChatGroupId(id);
      if (location) expect(encodeChatGroupId(location)).toBe(id);
    }),
  );
});
