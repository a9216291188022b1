import { HostileRequest } from './hostile-request.js';

const fields = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, 1]));

const DELETE = 'mutation ($input: DeleteChatGroupInput!) { deleteChatGroup(input: $input) { requestId } }';
const REMOVE =
  'mutation ($input: RemoveChatGroupParticipantsInput!) { removeChatGroupParticipants(input: $input) { requestId } }';
const JOINED = 'query ($n: [String!]) { spaceChatGroups(businessNumbers: $n) { totalCount } }';
const LIST =
  'query ($n: String!, $first: Int) { chatGroups(businessNumber: $n, first: $first) { totalCount } }';

/** Variables that are refused with `VALIDATION_FAILED`, 400. */
export const HOSTILE_VARIABLES: readonly (readonly [string, HostileRequest])[] = (
  [
    ['6,000 unknown fields', DELETE, { input: { id: 'x', ...fields(6_000) } }],
    ['400 unknown fields', DELETE, { input: { id: 'x', ...fields(400) } }],
    ['an unknown field of 50,000 characters', DELETE, { input: { id: 'x', ['f'.repeat(50_000)]: 1 } }],
    ['a value of 50,000 characters', DELETE, { input: 'x'.repeat(50_000) }],
    [
      '7,000 wrong elements',
      REMOVE,
      { input: { id: 'x', phoneNumbers: Array.from({ length: 7_000 }, () => 1) } },
    ],
    ['7,000 numbers of a wrong type', JOINED, { n: Array.from({ length: 7_000 }, () => 1) }],
    ['an object for a number', LIST, { n: { ...fields(4_000) }, first: fields(2_000) }],
    ['a number that is too large', LIST, { n: '86138', first: 1e300 }],
  ] as const
).map(([name, query, variables]) => [name, { query, variables }]);
