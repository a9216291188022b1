import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CREATE, type FieldCall, type Fields, REMOVE, UPDATE, send, verdict } from '../support/bad-input.js';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';
import { TRANSPORTS, type Target, arrangeGroup, learn } from '../support/operations.js';

let gateway: TestGateway;
let target: Target;

beforeAll(async () => {
  gateway = await startTestGateway({ TENANTS_FILE: 'test/support/tenants.quotas.yaml' });
  target = await arrangeGroup(gateway, ACME);
  await learn(gateway, target);
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.forgetCalls());

/** Invalid values of each field, as a caller would send them. */
const WRONG: Record<string, readonly unknown[]> = {
  subject: [
    ['', '   ', 'a'.repeat(129), '😀'.repeat(129), '山'.repeat(129)],
    ['a\nb', 'a\tb', 'a\u0000b', 'a\u007fb', 'a\u0085b', 'a\u2028b', '\ud800', 'a\udc00b', '\ude00\ud83d'],
    [null, 5, true, [], ['Kyoto'], { text: 'Kyoto' }],
  ].flat(),
  description: [
    ['', 'a'.repeat(2049), '😀'.repeat(2049), 'a\rb', 'a\tb', 'a\u0000b', '\udfff'],
    [null, 5, false, [], {}],
  ].flat(),
  profilePictureUrl: [null, '', 5, [], {}],
  withInviteLink: ['true', 1, [], {}],
  participantIds: [
    [[], {}, [''], ['a\u0000'], ['\ud800'], ['m'.repeat(256)], [null], [['US.1']], ['US.1', 'US.1']],
    [['8613700000099', '+86 137 0000 0099'], Array.from({ length: 9 }, (_, index) => `US.${index}`)],
  ].flat(),
  phoneNumbers: [
    [[], null, '1234', {}, 8613700000099, ['1234'], ['1'.repeat(21)], ['++8613700000099'], ['8613700_0099']],
    [['８６１３７００００００９９'], ['8613700000099\n'], [8613700000099], [null], [['8613700000099']]],
    [Array.from({ length: 9 }, (_, index) => `861370000009${index}`), ['8613700000099', '+86 137 0000 0099']],
  ].flat(),
};

const RIGHT: readonly (readonly [FieldCall, Fields])[] = [
  ...['a'.repeat(128), '😀'.repeat(128), '山'.repeat(128), `  ${'b'.repeat(128)}\n`, 'x'].map(
    (subject) => [CREATE, { subject }] as const,
  ),
  ...['a'.repeat(2048), '😀'.repeat(2048), '山'.repeat(2048), 'two\nlines', ' x '].map(
    (description) => [UPDATE, { description }] as const,
  ),
  [UPDATE, { profilePictureUrl: 'https://pictures.acme.travel/kyoto.jpg?size=192#a' }],
  [UPDATE, { profilePictureUrl: 'https://xn--mller-kva.de/' }],
];

const short = (value: unknown): string => JSON.stringify(value).slice(0, 40);

const cases = (call: FieldCall, ...fields: string[]): [string, FieldCall, string, unknown][] =>
  fields.flatMap((field) =>
    (WRONG[field] ?? []).map(
      (value) =>
        [`${call.name}: ${field} = ${short(value)}`, call, field, value] as [
          string,
          FieldCall,
          string,
          unknown,
        ],
    ),
  );

describe.each(TRANSPORTS)('over %s', (transport) => {
  describe('an invalid field', () => {
    afterEach(async () => {
      expect(await gateway.sandbox.actions()).toEqual([]);
    });

    it.each([
      ...cases(CREATE, 'subject', 'description', 'withInviteLink'),
      ...cases(UPDATE, 'subject', 'description', 'profilePictureUrl'),
      ...cases(REMOVE, 'phoneNumbers'),
      ...cases({ ...REMOVE, good: {} }, 'participantIds'),
    ])('is named in the error: %s', async (_, call, field, value) => {
      const { codes, fields, answer } = await send(gateway, transport, call, target, {
        ...call.good,
        [field]: value,
      });
      expect(codes).toEqual(['VALIDATION_FAILED']);
      expect(new Set(fields.map((name) => name.split(/[.[]/)[0]))).toEqual(new Set([field]));
      expect(answer.status).toBe(transport === 'REST' || answer.body.data === undefined ? 400 : 200);
    });

    it.each([
      [CREATE, { subject: '', description: 'a\u0000' }, ['description', 'subject']],
      [
        CREATE,
        { subject: 1, withInviteLink: 'yes', description: 2 },
        ['description', 'subject', 'withInviteLink'],
      ],
      [CREATE, { description: 'x' }, ['subject']],
      [
        UPDATE,
        { subject: null, description: null, profilePictureUrl: null },
        ['description', 'profilePictureUrl', 'subject'],
      ],
      [
        UPDATE,
        { subject: ' ', description: '\ud800', profilePictureUrl: 'http://a.de/' },
        ['description', 'profilePictureUrl', 'subject'],
      ],
      [UPDATE, {}, ['description', 'profilePictureUrl', 'subject']],
      [REMOVE, {}, ['phoneNumbers']],
    ] as const)('is named together with all others: %#', async (call, given, expected) => {
      const { codes, fields } = await send(gateway, transport, call, target, given);
      expect(codes).toEqual(['VALIDATION_FAILED']);
      expect(fields).toEqual(expected);
    });

    it.each([
      'colour',
      'constructor',
      'prototype',
      'hasOwnProperty',
      'toString',
      'groupId',
      'status',
      'Subject',
    ])('that is unknown is refused: %s', async (field) => {
      for (const call of [CREATE, UPDATE, REMOVE]) {
        const { codes, fields } = await send(gateway, transport, call, target, {
          ...call.good,
          [field]: 'x',
        });
        expect([codes, fields]).toEqual([['VALIDATION_FAILED'], [field]]);
      }
    });

    it.each(['__proto__', 'constructor'])('that could pollute a prototype is refused: %s', async (field) => {
      for (const call of [CREATE, UPDATE, REMOVE]) {
        const evil = JSON.parse(`{"${field}":{"prototype":{"x":1},"isAdmin":true}}`) as Fields;
        const { codes, fields } = await send(gateway, transport, call, target, { ...call.good, ...evil });
        expect([codes, fields]).toEqual([['VALIDATION_FAILED'], [field]]);
      }
      expect(({} as Fields)['isAdmin']).toBeUndefined();
    });

    it.each(['', 'two words', 'ä', 'x'.repeat(256)])(
      'that is not a valid idempotency key is refused: %j',
      async (key) => {
        for (const call of [CREATE, UPDATE, REMOVE]) {
          const { codes, fields } =
            transport === 'GraphQL'
              ? await send(gateway, transport, call, target, { ...call.good, idempotencyKey: key })
              : verdict(
                  await gateway.rest(call.rest(target).path, {
                    method: call.rest(target).method,
                    body: call.good,
                    headers: { 'idempotency-key': key },
                  }),
                );
          const field = transport === 'REST' ? 'Idempotency-Key' : 'idempotencyKey';
          expect([codes, fields]).toEqual([['VALIDATION_FAILED'], [field]]);
        }
      },
    );
  });

  it.each(RIGHT)('accepts values just within the limits: %#', async (call, fields) => {
    const { codes, answer } = await send(gateway, transport, call, target, fields);
    expect(codes).toEqual([]);
    expect(answer.status).toBeLessThan(300);
    const [field = '', value] = Object.entries(fields)[0] ?? [];
    const sent = (await gateway.sandbox.calls()).find(({ action }) => !action.startsWith('List'));
    const name =
      { subject: 'Subject', description: 'Description', profilePictureUrl: 'ProfilePictureFile' }[field] ??
      '';
    expect(sent?.parameters[name]).toBe(String(value).trim());
  });

  it('treats null as omitted where it would not clear anything', async () => {
    const nothing =
      transport === 'REST' ? { withInviteLink: null } : { custSpaceId: null, idempotencyKey: null };
    const { codes } = await send(gateway, transport, CREATE, target, { subject: 'Nothing', ...nothing });
    expect(codes).toEqual([]);
  });
});

describe('an invalid picture URL', () => {
  const HOSTS = [
    'localhost localhost. intranet cams printer.local db.internal metadata.google.internal app.localhost nas.lan',
    'router.home.arpa x.test x.example x.invalid x.onion a..de -a.de a_b.de 127.0.0.1 127.1 2130706433 0x7f000001',
    '0177.0.0.1 0x7f.1 017700000001 127.0.0.1. 0 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 8.8.8.8',
    '100.100.100.200 [::1] [::] [fe80::1] [fd00::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [64:ff9b::7f00:1]',
    '[2001:4860:4860::8888] ①②⑦.⓪.⓪.① 127。0。0。1 １２７.０.０.１ %31%32%37.0.0.1',
  ];
  const URLS = [
    HOSTS.flatMap((line) => line.split(' ')).map((host) => `https://${host}/a.jpg`),
    [
      'http://acme.travel/a.jpg',
      'ftp://acme.travel/a.jpg',
      'file:///etc/passwd',
      'data:image/jpeg;base64,AA',
    ],
    [
      'javascript:alert(1)',
      '//acme.travel/a.jpg',
      '/a.jpg',
      'acme.travel/a.jpg',
      'https://',
      'https:///a.jpg',
    ],
    [
      'https://acme.travel:8443/',
      'https://acme.travel:80/',
      'https://acme.travel:99999/',
      'https:acme.travel/a.jpg',
    ],
    ['https://user@acme.travel/', 'https://user:pass@acme.travel/', 'https://:pass@acme.travel/'],
    ['https://acme.travel\\@127.0.0.1/', 'https://127.0.0.1\\acme.travel/', 'https://acme.travel@127.0.0.1/'],
    [
      'https://acme.travel/a b.jpg',
      'https://acme.travel/a\n.jpg',
      ' https://acme.travel/',
      'https://acme.travel/\ud800',
    ],
    `https://acme.travel/${'a'.repeat(2048)}`,
  ].flat();

  it.each(URLS.map((url) => [JSON.stringify(url).slice(0, 60), url]))('is refused: %s', async (_, url) => {
    const { codes, fields } = await send(gateway, 'REST', UPDATE, target, { profilePictureUrl: url });
    expect([codes, fields]).toEqual([['VALIDATION_FAILED'], ['profilePictureUrl']]);
    expect(await gateway.sandbox.actions()).toEqual([]);
  });
});
