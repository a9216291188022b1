import { type HostileRequest, times } from './hostile-request.js';

const VERY_LONG = 'a'.repeat(25_000);

/** Documents that are not valid, or whose definitions are too many. */
export const invalidDocuments = (): [string, HostileRequest][] => [
  ['900 unknown fields', { query: `{ viewer { ${times(900, (i) => `u${i}`)} } }` }],
  ['10,000 unknown fields', { query: `{ viewer { ${times(10_000, (i) => `u${i}`)} } }` }],
  ['unknown fields with numbers', { query: `{ viewer { ${times(400, (i) => `u8613800000${i}`)} } }` }],
  ['unknown arguments', { query: `{ viewer(${times(240, (i) => `a${i}: 1`)}) { tenantId } }` }],
  ['unknown types', { query: `query (${times(200, (i) => `$a${i}: T${i}`)}) { viewer { tenantId } }` }],
  [
    'unknown input fields',
    { query: `mutation { deleteChatGroup(input: {${times(300, (i) => `f${i}: 1`)}}) { requestId } }` },
  ],
  ['unused variables', { query: `query (${times(240, (i) => `$a${i}: Int`)}) { viewer { tenantId } }` }],
  ['undefined variables', { query: `query { ${times(60, (i) => `chatGroup(id: $v${i}) { id }`)} }` }],
  ['150 operations', { query: times(150, (i) => `query Q${i} { viewer { tenantId } }`), operationName: 'Q' }],
  [
    '11 operations, one of which is executed',
    { query: times(11, (i) => `query Q${i} { viewer { tenantId } }`), operationName: 'Q0' },
  ],
  [
    'operations that share fragments',
    {
      query: `${times(10, (i) => `query Q${i} { viewer { ...A } }`)} fragment A on Viewer { ${times(10, () => '...B')} } fragment B on Viewer { ${times(10, () => 'tenantId')} }`,
      operationName: 'Q0',
    },
  ],
  ['160 anonymous operations', { query: times(160, () => '{ viewer { tenantId } }') }],
  ['a subscription', { query: 'subscription { viewer { tenantId } }' }],
  ['a type definition', { query: `type T { a: Int } { viewer { tenantId } }` }],
  ['a string of 25,000 characters', { query: `{ chatGroup(id: "${VERY_LONG}") { password } }` }],
  ['a comment of 25,000 characters', { query: `#${VERY_LONG}\n{ viewer { password } }` }],
  ['60,000 commas', { query: `{ viewer { ${','.repeat(60_000)} password } }` }],
  ['60,000 line breaks', { query: `{ viewer { ${'\n'.repeat(30_000)} password } }` }],
  ['an unclosed string', { query: `{ chatGroup(id: "${'\\u0041'.repeat(5_000)}` }],
  [
    'a block string with many lines',
    { query: `{ chatGroup(id: """${' \\n'.repeat(10_000)}""") { password } }` },
  ],
  [
    'a huge number',
    { query: `{ chatGroups(businessNumber: "1", first: ${'9'.repeat(50_000)}) { totalCount } }` },
  ],
  ['an empty document', { query: ' ' }],
];
