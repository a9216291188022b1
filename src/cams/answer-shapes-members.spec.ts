import { describe, expect, it } from '@jest/globals';
import { MalformedAnswer, readParticipants } from './answer-shapes.js';

const listed = (Total: unknown, List: unknown): Record<string, unknown> => ({ Data: { Total, List } });

describe('readParticipants', () => {
  const member = (ParticipantNumber: unknown): unknown => ({ ParticipantNumber });

  it.each([
    ['digits', '8613700000001'],
    ['a leading +', '+8613700000001'],
    ['a business-scoped user ID', 'US.13491208655302741918'],
    ['the ID of a parent account', 'US.ENT.11815799212886844830'],
    ['a LID', '128384920@lid'],
    ['a masked number', '861382***'],
    ['255 characters', 'm'.repeat(255)],
  ])('keeps an ID with %s as it is', (_title, id) => {
    expect(readParticipants(listed(1, [member(id)]))).toEqual({ ids: [id], rows: 1, unusable: 0 });
  });

  it('trims an ID', () => {
    expect(readParticipants(listed(1, [member(' 8613700000001\n')])).ids).toEqual(['8613700000001']);
  });

  it.each([
    ['no ID', {}],
    ['an empty ID', member('')],
    ['a blank ID', member('  ')],
    ['"None"', member('None')],
    ['null', member(null)],
    ['a number', member(8613700000001)],
    ['an object', member({ id: 1 })],
    ['a control character', member('86137\u000000001')],
    ['a lone surrogate', member('\ud800')],
    ['256 characters', member('m'.repeat(256))],
    ['no object', 'x'],
    ['nothing', null],
  ])('leaves out a row with %s, and keeps the others', (_title, row) => {
    const rows = [member('8613700000001'), row, member('US.1')];
    expect(readParticipants(listed(3, rows))).toEqual({
      ids: ['8613700000001', 'US.1'],
      rows: 3,
      unusable: 1,
    });
  });

  it.each([0, 1, 2, 3, 9, -1, '2', null, undefined, 1.5])('ignores a total of %p for two rows', (total) => {
    const rows = [member('8613700000001'), member('8613700000002')];
    expect(readParticipants(listed(total, rows)).ids).toHaveLength(2);
  });

  it.each([
    ['no list and a total of 0', { Data: { Total: 0 } }],
    ['no list and the business itself', { Data: { Total: 1, List: null } }],
    ['an empty list', listed(5, [])],
  ])('returns no members for %s', (_title, body) => {
    expect(readParticipants(body)).toEqual({ ids: [], rows: 0, unusable: 0 });
  });

  it.each([
    ['no Data', {}],
    ['Data is an array', { Data: [] }],
    ['Data is empty', { Data: {} }],
    ['List is an object', listed(0, {})],
    ['neither List nor a count', { Data: { Total: '0' } }],
    ['List is missing although there are members', { Data: { Total: 2 } }],
  ])('rejects a malformed page: %s', (_title, body) => {
    expect(() => readParticipants(body)).toThrow(MalformedAnswer);
  });
});
