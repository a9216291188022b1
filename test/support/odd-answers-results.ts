import { type Ends, LINK, type OddAnswer, bytes, withFields } from './odd-answers.js';

/** An odd result of a write, for each of the operations. */
export interface ResultCase {
  readonly what: string;
  readonly sends: OddAnswer;
  readonly operations: readonly string[];
  readonly ends: Ends;
  /** What the payload has, over both transports. */
  readonly shows?: Readonly<Record<string, unknown>>;
}

const COUNTING = ['update a group', 'delete a group', 'delete the invite link', 'remove members'];
const result = (what: string, Result: unknown, ends: Ends = 'OUTCOME_UNKNOWN'): ResultCase => ({
  what: `a Result ${what}`,
  sends: withFields({ Result }),
  operations: COUNTING,
  ends,
});
const link = (what: string, InviteLink: unknown, ends: Ends = 'OUTCOME_UNKNOWN'): ResultCase => ({
  what: `an InviteLink ${what}`,
  sends: withFields({ InviteLink }),
  operations: ['create an invite link'],
  ends,
  ...(ends === 'done' && { shows: { inviteLink: InviteLink } }),
});
const code = (what: string, UniqueCode: unknown): ResultCase => ({
  what: `a UniqueCode ${what}`,
  sends: withFields({ UniqueCode }),
  operations: ['create a group'],
  // Code is OK, and the code identifies nothing that the gateway needs.
  ends: 'done',
  shows: { status: 'PENDING' },
});

/** Odd results of writes whose `Code` is `OK`. */
export const ODD_RESULTS: readonly ResultCase[] = [
  result('of one row', 1, 'done'),
  result('of more rows than expected', 2, 'done'),
  result('of zero', 0, 'NOT_FOUND'),
  result('that is missing', undefined),
  result('of null', null),
  result('that is a string', '1'),
  result('that is an empty string', ''),
  result('that is true', true),
  result('that is negative', -1),
  result('with a fraction', 1.5),
  result('in a list', [1]),
  result('in an object', { affected: 1 }),
  {
    what: 'a Result that overflows to infinity',
    sends: (sane) => bytes(sane.replace('"Result":1', '"Result":1e999')),
    operations: COUNTING,
    ends: 'OUTCOME_UNKNOWN',
  },
  link('that is valid', LINK, 'done'),
  link('that is missing', undefined),
  link('of null', null),
  link('that is empty', ''),
  link('that says None', 'None'),
  link('that is a number', 7),
  link('in a list', [LINK]),
  link('without its scheme', LINK.slice('https://'.length)),
  link('over http', LINK.replace('https', 'http')),
  link('that is a script', 'javascript:alert(1)//chat.whatsapp.com'),
  link('with a space in it', 'https://chat.whatsapp.com/Ab Cd'),
  link('with a line break in it', 'https://chat.whatsapp.com/Ab\nCd'),
  link('of 10 kB', LINK + 'x'.repeat(10_240)),
  code('that is missing', undefined),
  code('of null', null),
  code('that says None', 'None'),
  code('that is a number', 7),
  code('that is an object', { code: 'c0de' }),
  code('of 10 kB', 'c'.repeat(10_240)),
];
