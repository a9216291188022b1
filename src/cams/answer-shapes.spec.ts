import { describe, expect, it } from '@jest/globals';
import {
  MalformedAnswer,
  readAffected,
  readGroupPage,
  readInviteLink,
  readParticipants,
  readUniqueCode,
  ShortPage,
} from './answer-shapes.js';

const NUMBER = '8613800000001';
const page = { index: 1, size: 20 };
const listed = (Total: unknown, List: unknown): Record<string, unknown> => ({ Data: { Total, List } });
const readRow = (row: Record<string, unknown>): unknown =>
  readGroupPage(listed(1, [{ GroupId: 'g1', ...row }]), page, NUMBER).groups[0];

describe('readGroupPage', () => {
  it('rejects a page with a group of another number', () => {
    expect(readRow({ BusinessNumber: '+86 138 0000 0001' })).toMatchObject({ groupId: 'g1' });
    expect(() => readRow({ BusinessNumber: '8613900000001' })).toThrow(MalformedAnswer);
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
    ['a count of 0', { TotalParticipantCount: 0 }, { participantCount: 0 }],
  ])('accepts %s', (_title, row, expected) => {
    expect(readRow(row)).toMatchObject(expected);
  });

  it('keeps the first of duplicate groups', () => {
    const rows = [{ GroupId: 'a', Subject: 'first' }, { GroupId: 'b' }, { GroupId: 'a', Subject: 'again' }];
    const { groups } = readGroupPage(listed(3, rows), page, NUMBER);
    expect(groups.map(({ groupId, subject }) => [groupId, subject])).toEqual([
      ['a', 'first'],
      ['b', undefined],
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

  it('counts duplicate rows when it checks for a short page', () => {
    expect(readGroupPage(listed(2, [{ GroupId: 'a' }, { GroupId: 'a' }]), page, NUMBER).groups).toHaveLength(
      1,
    );
  });
});

describe('readParticipants', () => {
  it('returns each phone number once', () => {
    const rows = [{ ParticipantNumber: '8613700000001' }, { ParticipantNumber: '8613700000001' }];
    expect(readParticipants(listed(2, rows), page)).toEqual({ total: 2, phoneNumbers: ['8613700000001'] });
  });

  it.each([
    ['a number is missing', listed(1, [{}]), MalformedAnswer],
    ['a number is not a string', listed(1, [{ ParticipantNumber: 86 }]), MalformedAnswer],
    ['rows are missing', listed(2, [{ ParticipantNumber: '8613700000001' }]), ShortPage],
  ])('rejects a page where %s', (_title, body, error) => {
    expect(() => readParticipants(body, page)).toThrow(error);
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

  it('accepts a response with or without a unique code', () => {
    expect(readUniqueCode({})).toEqual({ uniqueCode: undefined });
    expect(readUniqueCode({ UniqueCode: 'u1' })).toEqual({ uniqueCode: 'u1' });
  });
});
