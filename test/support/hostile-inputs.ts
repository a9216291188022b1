/** A request that must be refused at little cost. */
export interface HostileInput {
  readonly path: string;
  readonly method?: string;
  /** Replaces the credentials of the test. */
  readonly authorization?: string;
  readonly body?: unknown;
}

const LIST = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
/** Each of these pairs stands for 19 characters when it is made readable. */
const EXPANDING = '\ufdfa1';

const fields = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Long texts and many values where a request is refused early. */
export const HOSTILE_INPUTS: readonly [name: string, input: HostileInput][] = [
  [
    'a token with a long key id',
    {
      path: '/v1/viewer',
      authorization: `Bearer ${base64url({ alg: 'RS256', kid: EXPANDING.repeat(2_000) })}.e30.AA`,
    },
  ],
  ['a key with a long id', { path: '/v1/viewer', authorization: `Bearer cgk_${'-1'.repeat(7_000)}.x` }],
  ['a body with thousands of unknown fields', { path: LIST, method: 'POST', body: fields(4_000) }],
  [
    'a body with a long unknown field',
    { path: LIST, method: 'POST', body: { [EXPANDING.repeat(10_000)]: 1 } },
  ],
  ['a query string with 1,200 names', { path: `${LIST}?${Object.keys(fields(1_200)).join('&')}` }],
  [
    'a long operation name',
    {
      path: '/graphql',
      method: 'POST',
      body: { query: '{ viewer { tenantId } }', operationName: EXPANDING.repeat(10_000) },
    },
  ],
  [
    'a syntax error that quotes a long text',
    { path: '/graphql', method: 'POST', body: { query: `{ "${EXPANDING.repeat(10_000)}" }` } },
  ],
];
