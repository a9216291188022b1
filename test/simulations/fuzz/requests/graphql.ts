import { createHash } from 'node:crypto';
import { onceIn, weighted } from '../../chance.js';
import type { Random } from '../../coherence/random.js';
import { type Draft, encoded } from './draft.js';
import { DocumentGenerator, type GraphqlDraft } from './graphql-document.js';
import { INHERITED_NAMES, oddValue } from './values.js';
import type { TenantValues } from './known-values.js';

const ACCEPTS = [
  'application/json',
  'application/graphql-response+json',
  '*/*',
  'text/html',
  'application/json, text/html;q=0.1',
];

/** Generates a GraphQL request: the document may be broken, and is sent in every way that clients send one. */
export function graphqlDraft(random: Random, whose: TenantValues): Draft {
  const document = DocumentGenerator.draft(random, whose);
  const query = onceIn(random, 6) ? broken(random, document) : document.query;
  const { variables, name, kind, fields } = document;
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  const persisted = weighted(random, [
    [20, 'none'],
    [2, 'both'],
    [2, 'hash'],
    [1, 'wrong'],
  ] as const);
  const body: Record<string, unknown> = {
    ...(persisted !== 'hash' && { query }),
    ...(Object.keys(variables).length > 0 && { variables }),
    ...(name !== '' && onceIn(random, 2) && { operationName: name }),
    ...(persisted !== 'none' && {
      extensions: {
        persistedQuery: { version: 1, sha256Hash: persisted === 'wrong' ? '0'.repeat(64) : sha256Hash },
      },
    }),
  };
  if (onceIn(random, 20))
    body[
      random.pick(['query', 'variables', 'operationName', 'extensions', 'documentId', ...INHERITED_NAMES])
    ] = oddValue(random);
  const draft = {
    operation: [...new Set(fields)].join('+'),
    transport: 'GraphQL' as const,
    headers: [
      ['Accept', random.pick(onceIn(random, 4) ? ACCEPTS : ['application/json'])],
      ...(onceIn(random, 8) ? [['GraphQL-Cost', 'include'] as const] : []),
    ] as const,
  };
  if (kind === 'query' ? onceIn(random, 4) : onceIn(random, 20)) {
    const parameters = Object.entries(body).map(
      ([key, value]) => `${key}=${encoded(typeof value === 'string' ? value : JSON.stringify(value))}`,
    );
    return { ...draft, method: 'GET', target: `/graphql?${parameters.join('&')}`.slice(0, 12_000) };
  }
  const whole = onceIn(random, 40) ? random.pick([[body], [body, body], [], null, 'query', 1]) : body;
  return { ...draft, method: 'POST', target: '/graphql', body: JSON.stringify(whole) };
}

function broken(random: Random, { query, variables }: GraphqlDraft): string {
  const first = query.indexOf('{') + 1;
  const insert = (text: string): string => `${query.slice(0, first)} ${text} ${query.slice(first)}`;
  const inherited = random.pick(INHERITED_NAMES);
  return weighted<() => string>(random, [
    [2, () => query.slice(0, random.between(0, query.length))],
    [2, () => insert(inherited)],
    [1, () => insert(`${inherited}: __typename`)],
    [1, () => insert(`... on ${inherited} { id }`)],
    [1, () => insert(`...${inherited}`)],
    [
      1,
      () =>
        insert(
          Array.from({ length: random.pick([14, 15, 16, 400]) }, (_, index) => `a${index}: __typename`).join(
            ' ',
          ),
        ),
    ],
    [1, () => insert('chatGroups(businessNumber: "1") { nodes { '.repeat(random.pick([3, 9, 300])))],
    [1, () => insert(`__typename ${'@skip(if: false) '.repeat(random.pick([2, 9, 10, 11, 500]))}`)],
    [1, () => insert(`viewer { ${inherited} }`)],
    [1, () => query.replaceAll(/\b(first|input|id)\b/g, inherited)],
    [1, () => `${query}\n${query}`],
    [1, () => `${query}\nfragment Loop on ChatGroup { ...Loop }\n{ chatGroup(id: "x") { ...Loop } }`],
    [1, () => `subscription { ${inherited} }`],
    [1, () => '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }'],
    [1, () => insert(`viewer @${inherited}(if: true) { tenantId }`)],
    [1, () => query.replace(/\$\w+/, `$${inherited}`)],
    [1, () => `query ($${inherited}: ${random.pick(['Int', 'String!', '[ID!]', inherited])}) { __typename }`],
    [1, () => `# ${'x'.repeat(random.pick([10, 5_000, 60_000]))}\n${query}`],
    [1, () => `\ufeff${query}`],
    [1, () => query.replace('{', `{ a\u0000`)],
    [
      1,
      () =>
        insert(
          `b: chatGroups(businessNumber: "${'9'.repeat(random.pick([4, 5, 20, 21, 5_000]))}") { totalCount }`,
        ),
    ],
    [
      1,
      () =>
        insert(
          `c: chatGroup(id: ${JSON.stringify(Object.values(variables)[0] ?? inherited) ?? 'null'}) { id }`,
        ),
    ],
  ])();
}
