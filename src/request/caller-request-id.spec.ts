import { expect, it } from '@jest/globals';
import { callerRequestId } from './caller-request-id.js';

it.each([
  'a',
  'checkout-7f3a',
  'web.42:list_all',
  'req-123456',
  'b3d9c1f0-0000-4000-8000-000000000000',
  'B3D9C1F0-0000-4000-8000-861380000000',
  '4bf92f3577b34da6a3ce929d0e0e4736',
  '01ARZ3NDEKTSV4RRFFQ69G5FAV',
])('accepts %s', (id) => {
  expect(callerRequestId(id)).toBe(id);
});

it.each([
  ['nothing', undefined],
  ['an empty one', ''],
  ['a phone number', '8613800000001'],
  ['a phone number in a word', 'u8613812345678'],
  ['a phone number with separators', '86-138-0000-0001'],
  ['a phone number as a trace ID', '0'.repeat(19) + '8613800000001'],
  ['a time', 'req-1700000000'],
  ['an API key', `cgk_acme.${'A'.repeat(43)}`],
  ['the ID of an API key', 'cgk_acme'],
  ['a secret', 'v3ryS3cretV4lu3OfAnApiKeyThatIs43CharactersXY'],
  ['a lower-case secret', 'a'.repeat(17)],
  ['a token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'],
  ['the beginning of a token', 'eyJhbGci'],
  ['an access key', 'LTAI5tFakeFakeFake'],
  ['a short access key', 'LTAI4G'],
  ['an invite link', 'https://chat.whatsapp.com/AbC'],
  ['an email address', 'a@example.com'],
  ['white space', 'a b'],
  ['a line feed', 'a\nb'],
  ['markup', '<script>'],
  ['other letters', 'é'],
  ['full-width digits', '１２３'],
  ['65 characters', 'abcd-'.repeat(13)],
  ['several values', 'a, b'],
])('refuses %s', (_what, id) => {
  expect(callerRequestId(id)).toBeUndefined();
});
