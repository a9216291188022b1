import { type Fields, LINK, type OddAnswer, PAGE_SIZE, bytes, groupRow, withFields } from './odd-answers.js';

/** An odd page of groups, and what is shown of it; `undefined` if the page is refused. */
export interface GroupsCase {
  readonly what: string;
  readonly sends: OddAnswer;
  readonly shows: readonly Fields[] | undefined;
  readonly total?: number;
  /** Whether the error names the setting to change. */
  readonly short?: boolean;
}

const data = (what: string, Data: unknown, shows?: readonly Fields[], total?: number): GroupsCase => ({
  what,
  sends: withFields({ Data }),
  shows,
  ...(total !== undefined && { total }),
});
/** A page with this row alone. */
const row = (what: string, fields: Fields, shown?: Fields): GroupsCase =>
  data(what, { Total: 1, List: [groupRow(fields)] }, shown && [shown], shown && 1);
const list = (what: string, rows: readonly unknown[], shows?: readonly Fields[]): GroupsCase =>
  data(what, { Total: rows.length, List: rows }, shows);
const total = (what: string, Total: unknown): GroupsCase =>
  data(`a Total ${what}`, { Total, List: [groupRow()] });
const id = (what: string, GroupId: unknown, isShown = false): GroupsCase =>
  row(`a group ID ${what}`, { GroupId }, isShown ? { groupId: GroupId } : undefined);
const businessNumber = (what: string, BusinessNumber: unknown, isOurs = false): GroupsCase =>
  row(`a BusinessNumber ${what}`, { BusinessNumber }, isOurs ? { groupId: 'group-0' } : undefined);
const subject = (what: string, Subject: unknown, shown?: string | null): GroupsCase =>
  row(`a Subject ${what}`, { Subject }, shown === undefined ? undefined : { subject: shown });
const description = (what: string, Description: unknown, shown?: string | null): GroupsCase =>
  row(`a Description ${what}`, { Description }, shown === undefined ? undefined : { description: shown });
const status = (what: string, GroupStatus: unknown, shown?: string, raw: unknown = GroupStatus): GroupsCase =>
  row(
    `a GroupStatus ${what}`,
    { GroupStatus },
    shown === undefined ? undefined : { status: shown, rawStatus: raw },
  );

const SANE = {
  groupId: 'group-0',
  subject: 'Kyoto in April',
  status: 'ACTIVE',
  description: null,
  inviteLink: LINK,
};
const OTHER = groupRow({ GroupId: 'group-1', Subject: 'Osaka' });
const many = (count: number) => Array.from({ length: count }, (_, n) => groupRow({ GroupId: `group-${n}` }));

/** Odd pages of groups whose `Code` is `OK`. The number of the list is 8613800000011. */
export const ODD_PAGES: readonly GroupsCase[] = [
  data('an empty page', { Total: 0, List: [] }, [], 0),
  data('a Total of zero without a List', { Total: 0 }, [], 0),
  data('a Total of zero and a List of null', { Total: 0, List: null }, [], 0),
  data('groups without Data', undefined),
  data('groups with Data of null', null),
  data('groups with Data as a list', [groupRow()]),
  data('groups with Data as a string', JSON.stringify({ Total: 1, List: [groupRow()] })),
  data('groups with empty Data', {}),
  data('groups with a List as a string', { Total: 1, List: JSON.stringify([groupRow()]) }),
  data('groups with a List as an object', { Total: 1, List: { 0: groupRow() } }),
  total('that is missing', undefined),
  total('of null', null),
  total('that is a string', '1'),
  total('that is negative', -1),
  total('with a fraction', 1.5),
  total('in a list', [1]),
  {
    what: 'a Total that overflows to infinity',
    sends: (sane) => bytes(sane.replace('"Total":1', '"Total":1e999')),
    shows: undefined,
  },
  { ...data('a Total above the rows', { Total: 2, List: [groupRow()] }), short: true },
  { ...data('a Total far above the rows', { Total: 1_000_000, List: [groupRow()] }), short: true },
  { ...data('a Total without rows', { Total: 3, List: [] }), short: true },
  // Every group that CAMS lists is shown: leaving one out would look like a deletion.
  data('a Total below the rows', { Total: 1, List: [groupRow(), OTHER] }, [SANE, { groupId: 'group-1' }], 2),
  data('a Total of zero with rows', { Total: 0, List: [groupRow()] }, [SANE], 1),
  data('a page longer than requested', { Total: PAGE_SIZE + 1, List: many(PAGE_SIZE + 1) }),
  list('the same group twice', [groupRow(), groupRow()], [SANE]),
  list('the same group twice with different subjects', [groupRow(), groupRow({ Subject: 'Nara' })], [SANE]),
  list('the same group twice among others', [groupRow(), OTHER, groupRow()], [SANE, { groupId: 'group-1' }]),
  list('a row of null', [groupRow(), null]),
  list('a row that is a string', [groupRow(), 'group-1']),
  list('a row that is a number', [groupRow(), 7]),
  list('a row that is a list', [groupRow(), [OTHER]]),
  list('an empty row', [groupRow(), {}]),
  {
    what: 'a row with a group in its prototype',
    sends: (sane) => bytes(sane.replace(/"List":\[.*?\]/, '"List":[{"__proto__":{"GroupId":"group-0"}}]')),
    shows: undefined,
  },
  {
    what: 'a row with prototype keys and a group',
    sends: (sane) =>
      bytes(sane.replace('"List":[{', '"List":[{"__proto__":{"Subject":"no"},"constructor":1,')),
    shows: [SANE],
  },
  {
    what: 'a row with its subject twice',
    sends: (sane) => bytes(sane.replace('"Subject":', '"Subject":"Nara","Subject":')),
    shows: [SANE],
  },
  row('unknown fields in a row', { Flags: [1, { a: null }], Owner: { name: 'x' } }, SANE),
];

/** Odd fields of a group that decide what it is. */
export const ODD_GROUPS: readonly GroupsCase[] = [
  id('that is missing', undefined),
  id('of null', null),
  id('that is empty', ''),
  id('of spaces', '  '),
  id('that says None', 'None'),
  id('that is a number', 120363),
  id('that is an object', { id: 'group-0' }),
  id('with a lone surrogate', 'group-\ud800'),
  id('of 10 kB', 'g'.repeat(10_240)),
  id('of 128 characters', 'g'.repeat(128), true),
  id('that is not ASCII', 'группа-群', true),
  id('with a slash and a percent sign', 'a/b?c%20d#e', true),
  id('that is a prototype key', '__proto__', true),
  id('of WhatsApp', '120363025246125486@g.us', true),
  businessNumber('that is missing', undefined, true),
  businessNumber('of null', null, true),
  businessNumber('that says None', 'None', true),
  businessNumber('with a plus sign', '+8613800000011', true),
  businessNumber('with a plus sign and spaces', '+86 138 0000 0011', true),
  businessNumber('that is masked as in the vendor’s sample', '8613800**', true),
  businessNumber('that is masked in the middle', '86138******11', true),
  businessNumber('that is masked, with a plus sign', '+8613800****11', true),
  businessNumber('that is masked completely', '*************', true),
  businessNumber('whose mask begins like another number', '8613900**'),
  businessNumber('whose mask ends like another number', '86138******12'),
  businessNumber('whose mask shows more digits than ours has', '86138000000119**'),
  businessNumber('of another tenant', '8613900000001'),
  businessNumber('that begins like ours', '86138000000'),
  businessNumber('that is a number in JSON', 8613800000011),
  businessNumber('that is an object', {}),
  subject('that is missing', undefined, null),
  subject('of null', null, null),
  subject('that is empty', '', null),
  subject('that is a number', 7),
  subject('that is a list', ['Kyoto']),
  subject('that is true', true),
  subject('of 5,000 characters', '字'.repeat(5_000), '字'.repeat(5_000)),
  subject('in several scripts', 'Kyōto 京都 كيوتو 🏯', 'Kyōto 京都 كيوتو 🏯'),
  subject('with a genuine U+FFFD', 'Ky\ufffdto', 'Ky\ufffdto'),
  subject('with markup', '<b>Kyoto</b>', '<b>Kyoto</b>'),
  row('a Subject with a lone surrogate', { Subject: 'Ky\ud800to' }, { groupId: 'group-0' }),
  row('a Subject with control characters', { Subject: 'Ky\u0000\u2028to' }, { groupId: 'group-0' }),
  subject('that is a prototype key', '__proto__', '__proto__'),
  description('that is missing', undefined, null),
  description('of null', null, null),
  description('that says None', 'None', null),
  description('of several lines', 'a\nb', 'a\nb'),
  description('that is a number', 7),
  description('that is an object', { text: 'a' }),
  status('that is unknown', 'ARCHIVED', 'UNKNOWN'),
  status('in lower case', 'active', 'UNKNOWN'),
  status('that is missing', undefined, 'UNKNOWN', null),
  status('of null', null, 'UNKNOWN', null),
  status('that says None', 'None', 'UNKNOWN', null),
  status('that is a prototype key', 'constructor', 'UNKNOWN'),
  status('that is a number', 1),
  status('that is an object', {}),
];
