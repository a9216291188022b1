import { getIntrospectionQuery } from 'graphql';
import { ACME, READONLY_KEY } from './gateway.js';
import type { GraphqlRequest } from './query-ways.js';

/** graphql-jit mistakes this for one of its own markers, and the text after the marker for code. */
export const CODE = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74dglobalThis.literalRan=true';
const LIST = `chatGroups(businessNumber: "${ACME.businessNumber}", first: 3)`;
const MANY = LIST.replace('first: 3', 'first: 20');

const TWO_OPERATIONS = `query A($a: Boolean!) { viewer { ...F @include(if: $a) } }
  query B { viewer { ...F } } fragment F on Viewer { tenantId }`;

const query = (
  text: string,
  variables?: Record<string, unknown>,
  more: Partial<GraphqlRequest> = {},
): GraphqlRequest => ({
  body: { query: text, ...(variables && { variables }) },
  ...more,
});

/** Queries that a compiler could answer differently, by title. `id` is the ID of an existing group. */
export const queryCases = (id: string): Readonly<Record<string, GraphqlRequest>> => ({
  'a fragment spread twice, once excluded by a variable': query(
    'query ($no: Boolean!) { viewer { ...F @include(if: $no) ...F } } fragment F on Viewer { tenantId }',
    { no: false },
  ),
  'a fragment spread twice, once excluded by a literal': query(
    '{ viewer { ...F @skip(if: true) ...F } } fragment F on Viewer { tenantId }',
  ),
  'a fragment under two conditions': query(
    'query ($a: Boolean!, $b: Boolean!) { x: viewer { ...F @include(if: $a) } y: viewer { ...F @include(if: $b) } } fragment F on Viewer { tenantId }',
    { a: false, b: true },
  ),
  'a fragment shared by two operations, under a condition': {
    body: { query: TWO_OPERATIONS, operationName: 'A', variables: { a: false } },
  },
  'a fragment shared by two operations, under a condition of the other': {
    body: { query: TWO_OPERATIONS, operationName: 'B' },
  },
  'a field ordered by its first inclusion': query(
    'query ($no: Boolean!) { viewer { tenantId @include(if: $no) tenantName tenantId } }',
    { no: false },
  ),
  'an object by its interface': query(`{ node(id: "${id}") { id __typename } }`),
  'an object by its interface, with fields of its type': query(
    `query ($id: ID!) { node(id: $id) { ...N } same: node(id: $id) { ... on Node { id ... on ChatGroup { participants { id } } } } } fragment N on ChatGroup { id subject etag }`,
    { id },
  ),
  'an unknown object by its interface': query('{ node(id: "bmlyZ2VuZHM") { id } }'),
  'fields that merge': query('{ viewer { tenantId } viewer { tenantName tenantId } a: __typename }'),
  'lists that merge': query(`{ ${LIST} { nodes { id } } ${LIST} { nodes { subject } edges { cursor } } }`),
  'fragments in fragments': query(
    `{ ...Q } fragment Q on Query { ${LIST} { ...C } } fragment C on ChatGroupConnection { edges { node { ...G } cursor } ... { totalCount } ... on ChatGroupConnection { stale } } fragment G on ChatGroup { __typename id }`,
  ),
  'conditions on all levels': query(
    `query ($y: Boolean!, $n: Boolean = false) { ... @include(if: $y) { ${LIST} @skip(if: $n) { nodes @include(if: $y) { id @include(if: $n) subject @skip(if: $n) @include(if: $y) } } } }`,
    { y: true },
  ),
  'a condition that is null': query(
    'query ($a: Boolean = true) { viewer { tenantId @include(if: $a) tenantName } }',
    {
      a: null,
    },
  ),
  'a condition at the root that is null': query(
    'query ($a: Boolean = true) { viewer @skip(if: $a) { tenantId } }',
    {
      a: null,
    },
  ),
  'an object without selected fields': query('{ viewer { tenantId @skip(if: true) } }'),
  'nothing selected at all': query('{ viewer @include(if: false) { tenantId } }'),
  'an argument that a variable sets to null': query(
    'query ($n: String = "1") { chatGroups(businessNumber: $n) { totalCount } }',
    { n: null },
  ),
  'an argument that a variable sets to null, beside others': query(
    `query ($n: ID = "1") { chatGroup(id: $n) { id } operation(id: "op_unknown") { id } }`,
    { n: null },
  ),
  'an omitted variable': query(
    'query ($n: Int, $s: ChatGroupStatus) { chatGroups(businessNumber: "8613800000001", first: $n, status: $s) { totalCount nodes { id } } }',
  ),
  'variables that are null': query(
    'query ($n: Int, $s: ChatGroupStatus) { chatGroups(businessNumber: "8613800000001", first: $n, status: $s) { totalCount nodes { id } } }',
    { n: null, s: null },
  ),
  'an enum': query(
    'query ($s: ChatGroupStatus = INACTIVE) { chatGroups(businessNumber: "8613800000001", status: $s) { nodes { status } } }',
  ),
  'an enum value that is refused': query(`{ ${LIST.replace('first: 3', 'status: UNKNOWN')} { totalCount } }`),
  'variables of wrong types': query(
    'query ($n: Int, $s: ChatGroupStatus, $i: ID) { chatGroups(businessNumber: "8613800000001", first: $n, status: $s, custSpaceId: $i) { totalCount } }',
    { n: '5', s: 'NONE', i: {} },
  ),
  'an id that is a number': query(
    'query ($id: ID!) { chatGroup(id: $id) { id } a: chatGroup(id: 5) { id } }',
    { id: 5 },
  ),
  'a literal that could be code': query(
    `{ ${LIST.replace('first: 3', `subject: "${CODE}"`)} { totalCount } }`,
  ),
  'a literal with code behind a quote': query(
    `{ ${LIST.replace('first: 3', `subject: "\\"${CODE}"`)} { totalCount } }`,
  ),
  'a default that could be code': query(
    `query ($s: String = "${CODE}") { chatGroups(businessNumber: "8613800000001", subject: $s) { totalCount } }`,
  ),
  'a string that the compiler uses as a marker for NaN': query(
    `{ ${LIST.replace('first: 3', 'subject: "__MAGIC_NAN__57f286b9_4c20_487f_b409_79804ddcb4f8"')} { totalCount } }`,
  ),
  'a block string with line separators': query(
    `{ ${LIST.replace('first: 3', 'subject: """\n a\n \u2028b "c" \n"""')} { totalCount } }`,
  ),
  'the name that sets a prototype': query(
    '{ viewer { __proto__: tenantId tenantName } __proto__: viewer { tenantId } }',
  ),
  'names that objects inherit': query(
    '{ constructor: viewer { toString: tenantId valueOf: tenantName hasOwnProperty: __typename } await: __typename }',
  ),
  'names that collide when joined': query(
    '{ b_a: chatGroup(id: "op_unknown") { id } a: viewer { b: tenantId } a_b: viewer { tenantId } }',
  ),
  'variables with names that the compiler uses': query(
    'query ($input: Int, $literal0: Int, $coerced: Int, $errors: String!) { chatGroups(businessNumber: $errors, first: $literal0, offset: $input, last: $coerced, subject: "x") { totalCount } }',
    { errors: ACME.businessNumber, literal0: 2, input: 1 },
  ),
  'a group and its members': query(
    `query ($id: ID!) { chatGroup(id: $id) { id participants { phoneNumber __typename } } }`,
    { id },
  ),
  'members that the caller must not see, in a list': query(
    `{ ${MANY} { nodes { id participants { phoneNumber } } edges { node { m: participants { phoneNumber } } } } }`,
    undefined,
    { key: READONLY_KEY },
  ),
  'groups that do not exist, among others': query(
    `query ($id: ID!) { a: chatGroup(id: "nobody") { id } b: chatGroup(id: $id) { id } c: operation(id: "op_unknown") { id } d: chatGroup(id: "${id}x") { id } e: operation(id: "") { id } }`,
    { id },
  ),
  'a list that fails beside nullable fields': query(
    '{ operation(id: "op_unknown") { id } chatGroups(businessNumber: "x") { totalCount } b: chatGroup(id: "nobody") { id } }',
  ),
  'only lists that fail': query(
    '{ a: chatGroups(businessNumber: "x") { totalCount } viewer { tenantId } b: chatGroups(businessNumber: "y", first: 0) { totalCount } }',
  ),
  'a page with nothing on it': query(
    `{ ${LIST.replace('first: 3', 'offset: 1000')} { nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount stale } }`,
  ),
  'a page of another number': query(
    '{ chatGroups(businessNumber: "8613800009999") { nodes { id } totalCount } }',
  ),
  'the whole schema': query(getIntrospectionQuery()),
  'types of the schema': query(
    'query ($n: String!, $d: Boolean) { __type(name: $n) { name fields(includeDeprecated: $d) { name } } none: __type(name: "Nobody") { name } __schema { queryType { name } } viewer { __typename } }',
    { n: 'ChatGroup' },
  ),
  'an unknown field': query('{ viewer { nope } }'),
  'no document': query(''),
  'undeclared variables': query('{ viewer { tenantId } }', { a: 1 }),
});

/** `Accept` headers that clients may send, including unacceptable and invalid ones. */
export const ACCEPTS: readonly [string, ...string[]] = [
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json, application/json;q=0.9',
  'application/json;q=0.5, application/graphql-response+json;q=0.4',
  'application/graphql-response+json;charset=utf-8, */*;q=0.1',
  'application/json;charset=latin1',
  'application/*',
  '*/*',
  'text/html, */*;q=0.1',
  'text/html',
  'application/json;q=0',
  'application/json;q=0, */*',
  'multipart/mixed;deferSpec=20220824, application/json',
  'application/json;callbackSpec=1.0',
  'multipart/mixed;subscriptionSpec=1.0, application/json',
  'nonsense',
  '',
];
