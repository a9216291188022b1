import { type OddAnswer, bytes, withFields } from './odd-answers.js';

export interface Member {
  readonly id: string;
  readonly phoneNumber: string | null;
  readonly userId: string | null;
}

/** An odd list of members, and the members that are shown; `undefined` if the list is refused. */
export interface MembersCase {
  readonly what: string;
  readonly sends: OddAnswer;
  readonly shows: readonly Member[] | undefined;
}

const SANE = '8613700000001';
const number = (id: string, phoneNumber = id): Member => ({ id, phoneNumber, userId: null });
const user = (id: string): Member => ({ id, phoneNumber: null, userId: id });

/** A list with this row behind a sane one. */
const row = (what: string, ParticipantNumber: unknown, shown?: Member): MembersCase => ({
  what: `a member ${what}`,
  sends: withFields({ Data: { Total: 2, List: [{ ParticipantNumber: SANE }, { ParticipantNumber }] } }),
  shows: shown ? [number(SANE), shown] : [number(SANE)],
});
const odd = (what: string, item: unknown): MembersCase => ({
  what,
  sends: withFields({ Data: { Total: 2, List: [{ ParticipantNumber: SANE }, item] } }),
  shows: [number(SANE)],
});
const data = (what: string, Data: unknown, shows?: readonly Member[]): MembersCase => ({
  what,
  sends: withFields({ Data }),
  shows,
});
const total = (what: string, Total: unknown): MembersCase =>
  data(`a Total ${what}`, { Total, List: [{ ParticipantNumber: SANE }] }, [number(SANE)]);

const LONG_USER = `US.ENT.${'Ab3'.repeat(42)}xy`;

/** Odd lists of members whose `Code` is `OK`. */
export const ODD_MEMBERS: readonly MembersCase[] = [
  row('with a plus sign', '+8613700000002', number('+8613700000002', '8613700000002')),
  row('with a plus sign and spaces', '+86 137 0000 0002', number('+86 137 0000 0002', '8613700000002')),
  row('with dashes', '86-137-0000-0002', number('86-137-0000-0002', '8613700000002')),
  row('with dots', '86.137.0000.0002', number('86.137.0000.0002', '8613700000002')),
  row('with parentheses', '(86)13700000002', number('(86)13700000002', '8613700000002')),
  row('with white space around the number', ' 8613700000002\n', number('8613700000002')),
  row('of five digits', '12345', number('12345')),
  row('of twenty digits', '1'.repeat(20), number('1'.repeat(20))),
  row('of four digits', '1234', user('1234')),
  row('of 21 digits', '1'.repeat(21), user('1'.repeat(21))),
  row('with a masked number', '8613700**', user('8613700**')),
  row('with a user ID of Meta', 'US.13491208655302741918', user('US.13491208655302741918')),
  row('with a parent user ID of Meta', 'US.ENT.AbCd3fGh', user('US.ENT.AbCd3fGh')),
  row('with a user ID of the longest form', LONG_USER, user(LONG_USER)),
  row('of another system', '13491208655@lid', user('13491208655@lid')),
  row('with a name in Chinese', '用户7', user('用户7')),
  row('that is empty', ''),
  row('of spaces', ' \t'),
  row('that says None', 'None'),
  row('of null', null),
  row('that is missing', undefined),
  row('that is a number in JSON', 8613700000002),
  row('that is an object', { number: '8613700000002' }),
  row('that is a list', ['8613700000002']),
  row('that is true', true),
  row('with a control character', 'US.1349\u00001208'),
  row('with a line break inside', '861370\n0000002'),
  row('with a lone surrogate', 'US.1349\ud800'),
  row('of 10 kB', `US.${'1'.repeat(10_240)}`),
  odd('a row of null', null),
  odd('a row that is a string', '8613700000002'),
  odd('a row that is a number', 7),
  odd('a row that is a list', ['8613700000002']),
  odd('an empty row', {}),
  odd('a row with another field', { PhoneNumber: '8613700000002' }),
  {
    what: 'a row with a member in its prototype',
    sends: (sane) =>
      bytes(
        sane.replace(
          /"List":\[.*?\]/,
          `"List":[{"ParticipantNumber":"${SANE}"},{"__proto__":{"ParticipantNumber":"8613700000002"}}]`,
        ),
      ),
    shows: [number(SANE)],
  },
  data('an unknown field in a row', { Total: 1, List: [{ ParticipantNumber: SANE, Role: { a: 1 } }] }, [
    number(SANE),
  ]),
  row('listed twice', SANE),
  row('listed twice, with and without a plus sign', `+${SANE}`),
  row('listed twice, with and without spaces', '86 137 0000 0001'),
  data(
    'two user IDs that differ in case',
    { Total: 2, List: [{ ParticipantNumber: 'US.aB1' }, { ParticipantNumber: 'US.Ab1' }] },
    [user('US.aB1'), user('US.Ab1')],
  ),
  data('odd rows only', { Total: 2, List: [{ ParticipantNumber: 'None' }, null] }, []),
  total('above the rows', 2),
  total('far above the rows', 1_000_000),
  total('below the rows', 0),
  total('that is negative', -1),
  total('that is a string', '1'),
  total('of null', null),
  total('that is missing', undefined),
  data('an empty list', { Total: 0, List: [] }, []),
  data('a Total of zero without a List', { Total: 0 }, []),
  data('a Total of zero and a List of null', { Total: 0, List: null }, []),
  data('members without a List', { Total: 2 }),
  data('members with a List of null', { Total: 2, List: null }),
  data('members with a List as a string', { Total: 1, List: `[{"ParticipantNumber":"${SANE}"}]` }),
  data('members with a List as an object', { Total: 1, List: { 0: { ParticipantNumber: SANE } } }),
  data('members without Data', undefined),
  data('members with Data of null', null),
  data('members with Data as a list', [{ ParticipantNumber: SANE }]),
  data('members with Data as a string', '{"Total":0,"List":[]}'),
  data('members with empty Data', {}),
];
