import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redact, redactFields, redactForeign, redactName } from './redaction.js';

describe('redacted text', () => {
  it.each([
    ['number 8613800000001 failed', 'number 8613******001 failed'],
    ['BusinessNumber=8613800000001&x', 'BusinessNumber=8613******001&x'],
    ['+8613800000001, 12345678.', '+8613**************678.'],
    [`key cgk_acme.${'A'.repeat(43)} refused`, 'key cgk_acme.*** refused'],
    ['Bearer eyJhbGciOi.eyJzdWIi.c2ln', 'Bearer ***token***'],
    ['unsigned eyJhbGciOi.eyJzdWIi.', 'unsigned ***token***'],
    ['at https://cams.aliyuncs.com/?BusinessNumber=861380 now', 'at ***url*** now'],
    ['link https://chat.whatsapp.com/AbC', 'link ***url***'],
  ])('contains neither numbers nor secrets: %s', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    '',
    'took 1234567 ms',
    'page 2 of 51',
    'request 3f0e8c1a-1234-4000-8000-123456789012',
    'request 12345678-1234-4123-8123-123456789012 failed with 503',
    'digest 7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259',
    'at 2026-11-29T04:54:06.123Z, after 3 attempts',
    'at 2026-11-29 04:54:06 and 2026-11-30T23:59:59+08:00',
    'status 404, 2026-11-29, 17:05:09',
    'Sun, 29 Nov 2026 04:54:06 GMT',
    'listening on 127.0.0.1:36123, and on 192.168.100.200',
    'Invalid: participantIds[7], subject.',
    'must be a phone number of 5–20 digits, in any usual spelling',
    'The URL is longer than 8 KiB; 414 of 8192 bytes.',
    'must be a whole number from 0 to 1000000',
    'operation op_Gh5UpM1vYegFEUaEbxI3sg is pending',
    'PersistedQueryNotFound',
    'set one of `GET`, `HEAD`: 100% of “them” — see /docs/errors#NOT_FOUND',
    'TypeError: x\n    at run (file:///srv/node_modules/@nestjs/core/router.js:120:17)\n    at node:internal/process:95:5',
  ])('keeps what is useful for debugging: %j', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('contains no full number, regardless of its position', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[1-9]\d{7,19}$/),
        fc.constantFrom(' ', '"', '=', '/', '%22', ':', '('),
        (number, before) => {
          expect(redact(`x${before}${number}"`)).not.toContain(number);
        },
      ),
    );
  });
});

// In quadratic time, each would take seconds.
it.each(
  [
    '1',
    '1 -- ',
    '-',
    'a.',
    'AB.',
    'LTAI',
    '%',
    '%31',
    '%25',
    '\\u0031',
    '&#1;',
    '1-1-1-1-1-1-x',
    '2026-11-28 ',
    'a:',
    '1:',
  ].concat([
    'cgk_',
    'eyJa.',
    'Bearer ',
    '@',
    'https:/',
    'authorization:',
    '12:12:12,',
    '1.',
    '٣',
    'f1',
    'chat.whatsapp.com ',
  ]),
)('reads 100 kB of %j in linear time', (unit) => {
  expect(redact(unit.repeat(100_000 / unit.length)).length).toBeLessThanOrEqual(200_000);
});

it('returns the same object if nothing in a line is to be redacted', () => {
  const line = { msg: 'request', status: 200, list: [{ text: 'fine' }], requestId: '8613800000001' };
  expect(redactFields(line)).toBe(line);
  expect(redactFields({ ...line, list: [{ text: '8613800000001' }] })).toEqual({
    ...line,
    list: [{ text: '8613******001' }],
  });
});

describe('a name', () => {
  it.each([
    'chatGroups,viewer',
    'GetChatGroupsOfBusinessNumberPage',
    'listChatGroupsV2WithParticipants',
    'LIST_CHAT_GROUPS_BY_SUBJECT',
    'URLOfBusinessProfilePicture',
    '_internal_operation_number_12',
  ])('made of words is shown: %s', (name) => {
    expect(redactName(name)).toBe(name);
  });

  it('that is like a secret is not shown', () => {
    for (let n = 0; n < 300; n += 1)
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        // Evenly distributed, as secrets are.
        const bytes = createHash('sha256').update(`${n}`).digest();
        const secret = bytes.toString(encoding).replace(/\W/g, '_');
        for (const name of [secret, `op_${secret}`, `chatGroups,${secret}`])
          for (let from = 0; from + 20 <= secret.length; from += 1)
            expect(redactName(name)).not.toContain(secret.slice(from, from + 20));
      }
    const token = 'eyJhbGciOiJSUzI1NiJ9_eyJzdWIiOiJhY21lLXVzZXIifQ_c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
    expect(redactName(token)).toBe('***');
  });

  it.each(['a', 'A', 'aA', '1a', 'Aa', '_a', 'ab1'])('is read in linear time: %j', (unit) => {
    expect(redactName(`${unit.repeat(2_000)}1a1`).length).toBeLessThanOrEqual(4_097);
  });
});

describe('a long text', () => {
  const MOST = 4_096;
  // Each of these characters stands for 18.
  const EXPANDING = '\ufdfa1'.repeat(20_000);

  it.each([redact, redactForeign, redactName])(
    'is redacted up to a limit, also when it was expanded: %p',
    (clean) => {
      for (const text of [EXPANDING, 'ab '.repeat(20_000), '1'.repeat(60_000), '%41'.repeat(20_000)])
        expect(clean(text).length).toBeLessThanOrEqual(MOST + 1);
      expect(clean(EXPANDING, 64).length).toBeLessThanOrEqual(65);
    },
  );

  it('shows no part of a secret that is cut', () => {
    const secrets = [
      `cgk_acme.${'Q'.repeat(43)}`,
      `Bearer ${'Q7'.repeat(30)}`,
      `eyJhbGciOi.${'Q'.repeat(900)}`,
    ];
    for (const secret of secrets)
      for (let shown = 0; shown < secret.length; shown += 1) {
        const text = `${' '.repeat(MOST - shown)}${secret}`;
        expect(redact(text)).not.toMatch(/Q{4}|(?:Q7){3}/);
        expect(redactForeign(text)).not.toMatch(/Q{4}|(?:Q7){3}/);
      }
  });

  it('shows nothing of what was not looked at', () => {
    for (const secret of [`cgk_acme.${'Q'.repeat(43)}`, '8613800000001', `eyJhbGciOi.${'Q'.repeat(90)}`])
      for (const clean of [redact, redactForeign, redactName])
        for (const length of [100, 200, 226, 228, 300, 1_000]) {
          const text = clean(`${'\ufdfa'.repeat(length)} ${secret} `);
          expect(text).not.toMatch(/Q{4}|8613800000001/);
        }
  });

  it('is unchanged up to the limit', () => {
    const text = 'a b '.repeat(MOST / 4);
    expect(redact(text)).toBe(text);
  });
});
