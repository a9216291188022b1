import { describe, expect, it } from '@jest/globals';
import {
  MalformedAnswer,
  readAffected,
  readGroupPage,
  readInviteLink,
  readUniqueCode,
  ShortPage,
} from './answer-shapes.js';

const NUMBER = '8613800000001';
const page = { index: 1, size: 20 };
const listed = (Total: unknown, List: unknown): Record<string, unknown> => ({ Data: { Total, List } });
const readRow = (row: Record<string, unknown>): unknown =>
  readGroupPage(listed(1, [{ GroupId: 'g1', ...row }]), page, NUMBER).groups[0];

describe('readGroupPage', () => {
  it.each([
    '8613800000001',
    '+86 138 0000 0001',
    '8613800**',
    '86138****0001',
    '+86138xxxx0001',
    '*************',
    '８６１３８００００００01',
    '',
    'None',
    null,
  ])('accepts a group of number %p, which may be masked', (BusinessNumber) => {
    expect(readRow({ BusinessNumber })).toMatchObject({ groupId: 'g1' });
  });

  it.each([
    '8613900000001',
    '8613900**',
    '86138****0002',
    '861380000000',
    '٨٦١٣',
    '*'.repeat(65),
    '8613800000001*1',
  ])('rejects a page with a group of another number: %p', (BusinessNumber) => {
    expect(() => readRow({ BusinessNumber })).toThrow(MalformedAnswer);
  });

  it('maps CAMS fields to ours and drops unknown ones', () => {
    const row = {
      GroupId: 'g1',
      Subject: '京都',
      Description: 'In May',
      BusinessNumber: '8613800000001',
      InviteLink: 'https://chat.whatsapp.com/abc',
      GroupStatus: 'ACTIVE',
      ProfilePictureFile: 'https://example.com/p.jpg',
      TotalParticipantCount: 5,
      GroupType: 'GROUP',
      GroupLink: 'https://t.me/abc',
      BusinessRole: 'ADMIN',
      GmtModifier: 1,
    };
    expect(readGroupPage(listed(1, [row]), page, NUMBER)).toEqual({
      total: 1,
      groups: [
        {
          groupId: 'g1',
          subject: '京都',
          description: 'In May',
          status: 'ACTIVE',
          rawStatus: 'ACTIVE',
          inviteLink: 'https://chat.whatsapp.com/abc',
          profilePictureUrl: 'https://example.com/p.jpg',
          participantCount: 5,
          groupType: 'GROUP',
          groupLink: 'https://t.me/abc',
          businessRole: 'ADMIN',
        },
      ],
    });
  });

  it.each([
    ['"None" as no description', { Description: 'None' }, { description: undefined }],
    ['an empty description as none', { Description: '' }, { description: undefined }],
    ['null as no description', { Description: null }, { description: undefined }],
    ['a group that is called None', { Subject: 'None' }, { subject: 'None' }],
    ['an empty subject as none', { Subject: '' }, { subject: undefined }],
    ['"None" as no link', { InviteLink: 'None' }, { inviteLink: undefined }],
    ['a script as no link', { InviteLink: 'javascript:alert(1)' }, { inviteLink: undefined }],
    ['a link with a line break as none', { InviteLink: 'https://a\n.b/' }, { inviteLink: undefined }],
    [
      'an unknown status and keeps its text',
      { GroupStatus: 'FROZEN' },
      { status: 'UNKNOWN', rawStatus: 'FROZEN' },
    ],
    ['a missing status as unknown', {}, { status: 'UNKNOWN', rawStatus: undefined }],
    ['a negative count as none', { TotalParticipantCount: -1 }, { participantCount: undefined }],
    ['a count written as text as none', { TotalParticipantCount: '5' }, { participantCount: undefined }],
    ['a group link without a scheme', { GroupLink: 't.me/abc' }, { groupLink: 't.me/abc' }],
    ['a link to an app', { GroupLink: 'tg://join?invite=a' }, { groupLink: 'tg://join?invite=a' }],
    ['a script as no group link', { GroupLink: 'JavaScript:alert(1)' }, { groupLink: undefined }],
    ['a group link of another type as none', { GroupLink: 7 }, { groupLink: undefined }],
    ['a group type of another type as none', { GroupType: {} }, { groupType: undefined }],
    ['"None" as no role', { BusinessRole: 'None' }, { businessRole: undefined }],
    ['an ID of 255 characters', { GroupId: '山'.repeat(255) }, { groupId: '山'.repeat(255) }],
    ['a count of 0', { TotalParticipantCount: 0 }, { participantCount: 0 }],
  ])('accepts %s', (_title, row, expected) => {
    expect(readRow(row)).toMatchObject(expected);
  });

  it('keeps every row in its place, because cursors count rows', () => {
    const rows = [{ GroupId: 'a', Subject: 'first' }, { GroupId: 'b' }, { GroupId: 'a', Subject: 'again' }];
    const { groups } = readGroupPage(listed(3, rows), page, NUMBER);
    expect(groups.map(({ groupId, subject }) => [groupId, subject])).toEqual([
      ['a', 'first'],
      ['b', undefined],
      ['a', 'again'],
    ]);
  });

  it.each([
    ['an empty list', listed(0, [])],
    ['null in place of an empty list', listed(0, null)],
    ['no list when the total is 0', { Data: { Total: 0 } }],
  ])('returns an empty page for %s', (_title, body) => {
    expect(readGroupPage(body, page, NUMBER)).toEqual({ total: 0, groups: [] });
  });

  it('returns an empty page beyond the end', () => {
    expect(readGroupPage(listed(21, null), { index: 3, size: 20 }, NUMBER)).toEqual({
      total: 21,
      groups: [],
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['no Data', {}],
    ['Data is a string', { Data: '{}' }],
    ['Data is an array', { Data: [] }],
    ['Total is missing', { Data: { List: [] } }],
    ['Total is a string', listed('1', [])],
    ['Total is negative', listed(-1, [])],
    ['Total is a fraction', listed(0.5, [])],
    ['Total is too large for an Int', listed(2_147_483_648, [])],
    ['List is an object', listed(0, {})],
    ['List is a string', listed(0, 'none')],
    ['List is null although there are groups', listed(1, null)],
    ['a row is null', listed(1, [null])],
    ['a row is a string', listed(1, ['g1'])],
    ['a row has no id', listed(1, [{ Subject: 'x' }])],
    ['an id is empty', listed(1, [{ GroupId: '' }])],
    ['an id is a number', listed(1, [{ GroupId: 7 }])],
    ['an id is a lone surrogate', listed(1, [{ GroupId: '\ud800' }])],
    ['an id has a control character', listed(1, [{ GroupId: 'g\u00001' }])],
    ['an id has a space', listed(1, [{ GroupId: 'g 1' }])],
    ['an id is too long', listed(1, [{ GroupId: 'g'.repeat(256) }])],
    ['a subject is an object', listed(1, [{ GroupId: 'g1', Subject: {} }])],
    ['a status is a number', listed(1, [{ GroupId: 'g1', GroupStatus: 1 }])],
    [
      'more rows than the page',
      listed(
        21,
        Array.from({ length: 21 }, (_, i) => ({ GroupId: `g${i}` })),
      ),
    ],
  ])('rejects a malformed page: %s', (_title, body) => {
    expect(() => readGroupPage(body, page, NUMBER)).toThrow(MalformedAnswer);
  });

  it.each([
    [1, 10, 2, 1, true],
    [1, 10, 25, 9, true],
    [3, 10, 25, 4, true],
    [3, 10, 25, 5, false],
    [1, 10, 25, 10, false],
    [4, 10, 25, 0, false],
  ])(
    'checks whether page %i of size %i of %i groups with %i rows is short: %s',
    (index, size, total, count, short) => {
      const rows = Array.from({ length: count }, (_, i) => ({ GroupId: `g${i}` }));
      const read = (): unknown => readGroupPage(listed(total, rows), { index, size }, NUMBER);
      if (short) expect(read).toThrow(ShortPage);
      else expect(read()).toMatchObject({ total });
    },
  );

  it.each([
    [{ index: 1, size: 3 }, 0, 2, 2],
    [{ index: 2, size: 3 }, 1, 3, 6],
    [{ index: 2, size: 3 }, 1, 0, 1],
    [{ index: 1, size: 3 }, 9, 3, 9],
  ])(
    'never reports fewer groups than the page shows: %p, total %i, %i rows',
    (of, total, count, expected) => {
      const rows = Array.from({ length: count }, (_, i) => ({ GroupId: `g${i}` }));
      expect(readGroupPage(listed(total, rows), of, NUMBER).total).toBe(expected);
    },
  );

  it('counts duplicate rows when it checks for a short page', () => {
    expect(() => readGroupPage(listed(2, [{ GroupId: 'a' }, { GroupId: 'a' }]), page, NUMBER)).not.toThrow();
    expect(() => readGroupPage(listed(2, [{ GroupId: 'a' }]), page, NUMBER)).toThrow(ShortPage);
  });
});

describe('responses to writes', () => {
  it('returns the number of affected rows', () => {
    expect(readAffected({ Result: 0 })).toEqual({ affected: 0 });
    expect(readAffected({ Result: 2 })).toEqual({ affected: 2 });
  });

  it.each([undefined, null, '1', -1, 1.5, true, {}])('rejects Result %p', (Result) => {
    expect(() => readAffected({ Result })).toThrow(MalformedAnswer);
  });

  it('returns the invite link', () => {
    expect(readInviteLink({ InviteLink: 'https://chat.whatsapp.com/a' })).toEqual({
      inviteLink: 'https://chat.whatsapp.com/a',
    });
  });

  it.each([
    undefined,
    'None',
    '',
    'http://chat.whatsapp.com/a',
    'javascript:1',
    `https://a.b/${'x'.repeat(2_048)}`,
    7,
  ])('rejects InviteLink %p', (InviteLink) => {
    expect(() => readInviteLink({ InviteLink })).toThrow(MalformedAnswer);
  });

  it.each([
    [undefined, undefined],
    ['u1', 'u1'],
    ['None', undefined],
    [7, undefined],
    ['u'.repeat(256), undefined],
  ])('accepts the unique code %p', (UniqueCode, uniqueCode) => {
    expect(readUniqueCode({ UniqueCode })).toEqual({ uniqueCode });
  });
});
