import { getIntrospectionQuery } from 'graphql';
import { deepDocuments } from './hostile-depth.js';
import { type HostileRequest, times } from './hostile-request.js';
import { invalidDocuments } from './hostile-syntax.js';

const NUMBER = '8613800000001';
const list = (first: number, below: string, alias = ''): string =>
  `${alias}chatGroups(businessNumber: "${NUMBER}", first: ${first}) { ${below} }`;
const WHOLE =
  'id groupId custSpaceId businessNumber channelType subject description status rawStatus inviteLink inviteLinkVisible etag profilePictureUrl participantCount groupType groupLink businessRole __typename';
const LONG = 'a'.repeat(65);
const VERY_LONG = 'a'.repeat(25_000);

/** The same attack with fields, fragments used or not, inline fragments, and in a mutation. */
const inEveryPlace = (name: string, fields: string): [string, HostileRequest][] => [
  [`${name} in a field`, { query: `{ viewer { ${fields} } }` }],
  [`${name} in a fragment`, { query: `{ viewer { ...F } } fragment F on Viewer { ${fields} }` }],
  [`${name} in a fragment that is not used`, { query: `{ __typename } fragment F on Viewer { ${fields} }` }],
  [`${name} in an inline fragment`, { query: `{ viewer { ... on Viewer { ${fields} } } }` }],
  [
    `${name} in a mutation`,
    {
      query: `mutation { deleteChatGroup(input: { id: "x" }) { ${fields.replaceAll('tenantId', 'requestId')} } }`,
    },
  ],
];

const ALIASES: [string, HostileRequest][] = [
  ...[16, 100, 200].flatMap((count) =>
    inEveryPlace(
      `${count} aliases`,
      times(count, (i) => `a${i}: tenantId`),
    ),
  ),
  ...[16, 200].flatMap((count) =>
    inEveryPlace(
      `${count} aliases of __typename`,
      times(count, (i) => `a${i}: __typename`),
    ),
  ),
  ['7,000 aliases', { query: `{ viewer { ${times(7_000, (i) => `a${i}:id`)} } }` }],
  [
    'aliases of __typename on 500 rows',
    {
      query: `{ ${times(5, (r) => list(100, `nodes { ${times(85, (i) => `${LONG}${i}: __typename`)} }`, `r${r}: `))} }`,
    },
  ],
  [
    'aliases multiplied by fragments',
    {
      query: `{ viewer { ...A ...A ...A ...A ...A } } fragment A on Viewer { ${times(4, (i) => `a${i}: tenantId`)} }`,
    },
  ],
];

const NAMES: [string, HostileRequest][] = [LONG, VERY_LONG].flatMap((name): [string, HostileRequest][] => [
  [`an alias of ${name.length} characters`, { query: `{ viewer { ${name}: tenantId } }` }],
  [`an operation name of ${name.length} characters`, { query: `query ${name} { viewer { tenantId } }` }],
  [
    `a fragment name of ${name.length} characters`,
    { query: `{ viewer { ...${name} } } fragment ${name} on Viewer { tenantId }` },
  ],
  [
    `a variable name of ${name.length} characters`,
    { query: `query ($${name}: Boolean = true) { viewer { tenantId @skip(if: $${name}) } }` },
  ],
  [`a field of ${name.length} characters`, { query: `{ viewer { ${name} } }` }],
  [`an argument of ${name.length} characters`, { query: `{ viewer(${name}: 1) { tenantId } }` }],
  [`a directive of ${name.length} characters`, { query: `{ viewer { tenantId @${name} } }` }],
  [`a type of ${name.length} characters`, { query: `{ viewer { ... on ${name} { tenantId } } }` }],
]);

/** Every level spreads the next one several times. */
const fan = (levels: number, width: number, leaf: string): string =>
  `${times(levels, (i) => `fragment F${i} on Viewer { ${times(width, () => `...F${i + 1}`)} }`)} fragment F${levels} on Viewer { ${leaf} }`;
const FRAGMENTS: [string, HostileRequest][] = [
  ...(
    [
      [2, 32],
      [3, 10],
      [3, 100],
      [4, 20],
      [6, 4],
      [30, 2],
      [60, 5],
    ] as const
  ).map(([levels, width]): [string, HostileRequest] => [
    `fragments of ${levels} levels that spread ${width} times`,
    { query: `{ viewer { ...F0 } } ${fan(levels, width, 'tenantId')}` },
  ]),
  ['a fragment that spreads itself', { query: '{ viewer { ...A } } fragment A on Viewer { tenantId ...A }' }],
  [
    'two fragments in a cycle',
    { query: '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }' },
  ],
  [
    'fragments that all spread each other',
    {
      query: `{ viewer { ...F0 } } ${times(14, (i) => `fragment F${i} on Viewer { ${times(14, (j) => `...F${j}`)} }`)}`,
    },
  ],
  [
    'a cycle through fields',
    { query: '{ __schema { types { ...A } } } fragment A on __Type { fields { type { ...A } } }' },
  ],
  [
    '100 unused fragments',
    { query: `{ viewer { tenantId } } ${times(100, (i) => `fragment U${i} on Viewer { tenantId }`)}` },
  ],
  ['100 unknown fragments', { query: `{ viewer { ${times(100, (i) => `...U${i}`)} } }` }],
  [
    '100 fragments of one name',
    { query: `{ viewer { ...F } } ${times(100, () => 'fragment F on Viewer { tenantId }')}` },
  ],
];

const DIRECTIVES: [string, HostileRequest][] = [
  ...inEveryPlace('11 directives', `tenantId ${times(11, () => '@include(if: true)')}`),
  ...inEveryPlace(
    '90 directives',
    times(90, () => 'tenantId @skip(if: false)'),
  ),
  ['unknown directives', { query: `{ viewer { tenantId ${times(400, (i) => `@d${i}`)} } }` }],
  [
    'directives of an operation',
    { query: `query ${times(200, () => '@include(if: true)')} { viewer { tenantId } }` },
  ],
  [
    'directives of a variable',
    { query: `query ($a: Int ${times(100, () => '@deprecated')}) { viewer { tenantId } }` },
  ],
  [
    'directives multiplied by fragments',
    {
      query: `{ viewer { ${times(8, () => '...A @include(if: true)')} } } fragment A on Viewer { tenantId @skip(if: false) permissions @skip(if: false) }`,
    },
  ],
];

/** Validation compares fields of the same response key in pairs. */
const OVERLAPS: [string, HostileRequest][] = [
  ['one field 900 times', { query: `{ viewer { ${times(900, () => 'tenantId')} } }` }],
  ['one object 240 times', { query: `{ ${times(240, () => 'viewer{tenantId}')} }` }],
  ['one list 70 times', { query: `{ ${times(70, () => list(1, 'totalCount'))} }` }],
  [
    'one field with 140 different arguments',
    { query: `{ ${times(140, (i) => `chatGroup(id: "${i}") { id }`)} }` },
  ],
  [
    'objects in objects',
    { query: `{ ${times(60, () => 'viewer{spaces{custSpaceId} spaces{custSpaceId businessNumbers}}')} }` },
  ],
  [
    'one key for two fields',
    { query: `{ viewer { ${times(240, (i) => `a: ${i % 2 ? 'tenantId' : 'tenantName'}`)} } }` },
  ],
  [
    '190 inline fragments with one field',
    { query: `{ viewer { ${times(190, () => '...on Viewer{tenantId}')} } }` },
  ],
  [
    '90 fragments with one field',
    {
      query: `{ viewer { ${times(90, (i) => `...F${i}`)} } } ${times(90, (i) => `fragment F${i} on Viewer{tenantId}`)}`,
    },
  ],
  [
    '20 fragments that spread all later ones',
    {
      query: `{ viewer { ${times(20, (i) => `...F${i}`)} } } ${times(20, (i) => `fragment F${i} on Viewer{tenantId ${times(19 - i, (j) => `...F${i + j + 1}`)}}`)}`,
    },
  ],
];

const COSTS: [string, HostileRequest][] = [
  [
    'whole rows five times',
    {
      query: `{ ${times(5, (i) => list(100, `nodes { ${WHOLE} } edges { cursor node { ${WHOLE} } }`, `a${i}: `))} }`,
    },
  ],
  [
    '15 long aliases on 500 rows',
    {
      query: `{ ${times(5, (i) => list(100, `nodes { description ${times(2, (j) => `${'b'.repeat(60)}${i}${j}: description`)} }`, `a${i}: `))} }`,
    },
  ],
  [
    'operations with their groups, five times',
    {
      query: `{ ${times(5, (i) => `a${i}: operations(first: 100) { nodes { chatGroup { ${WHOLE} } } edges { node { chatGroup { ${WHOLE} } } } }`)} }`,
    },
  ],
  [
    'whole rows by a variable',
    {
      query: `query ($n: Int) { ${times(5, (i) => `a${i}: chatGroups(businessNumber: "${NUMBER}", first: $n) { nodes { ${WHOLE} } edges { node { ${WHOLE} } } }`)} }`,
      variables: { n: 100 },
    },
  ],
  ['members of 100 groups', { query: `{ ${list(100, 'nodes { participants { id } }')} }` }],
  [
    'members of all lists',
    { query: `{ ${times(5, (i) => list(20, 'nodes { participants { id } }', `a${i}: `))} }` },
  ],
  [
    'members by an interface',
    { query: `{ ${times(6, (i) => `a${i}: node(id: "x") { ... on ChatGroup { participants { id } } }`)} }` },
  ],
  [
    '60 mutations',
    { query: `mutation { ${times(60, () => 'deleteChatGroup(input: {id: "x"}) { requestId }')} }` },
  ],
  [
    '6 root fields in fragments',
    {
      query: `{ ...A ...B } fragment A on Query { a: viewer { tenantId } b: viewer { tenantId } c: viewer { tenantId } } fragment B on Query { d: viewer { tenantId } e: viewer { tenantId } f: viewer { tenantId } }`,
    },
  ],
  [
    'three introspections',
    {
      query: `{ ${times(
        3,
        (i) =>
          `s${i}: ${
            getIntrospectionQuery()
              .replace(/^[^{]*\{/, '')
              .split('}\n\n')[0] ?? ''
          }`,
      )} }`,
    },
  ],
  [
    'introspection of fields of fields',
    { query: `{ __schema { types { ${'fields { type { '.repeat(4)}name${' } }'.repeat(4)} } } }` },
  ],
  [
    'introspection of possible types',
    { query: `{ __schema { types { ${'possibleTypes { '.repeat(5)}name${' }'.repeat(5)} } } }` },
  ],
  [
    'introspection of interfaces',
    { query: `{ __schema { types { ${'interfaces { '.repeat(5)}name${' }'.repeat(5)} } } }` },
  ],
];

/** Each is refused with `QUERY_REFUSED`, 400. */
export const HOSTILE_DOCUMENTS: readonly (readonly [string, HostileRequest])[] = [
  ...deepDocuments(),
  ...ALIASES,
  ...NAMES,
  ...FRAGMENTS,
  ...DIRECTIVES,
  ...OVERLAPS,
  ...COSTS,
  ...invalidDocuments(),
];
