import { ACME } from './gateway.js';

type QueryBody = {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: unknown;
};

/** Queries with a name wherever a caller may choose one. JSON with `__proto__` must come from text. */
export function queriesNaming(name: string): QueryBody[] {
  const list = `chatGroups(businessNumber: "${ACME.businessNumber}"`;
  const given = (value: string): unknown => JSON.parse(`{"${name}":${value}}`);
  const withVariable = (query: string, values: readonly string[]): QueryBody[] => [
    { query },
    ...values.map((value) => ({ query, variables: given(value) })),
  ];
  return [
    ...withVariable(`query ($${name}: Int) { ${list}, first: $${name}) { totalCount } }`, [
      '2',
      'null',
      '"x"',
    ]),
    ...withVariable(`query ($${name}: Int = 2) { ${list}, first: $${name}) { nodes { id } } }`, [
      '3',
      'null',
    ]),
    ...withVariable(`query ($${name}: ID!) { chatGroup(id: $${name}) { id } }`, ['"x"', '{}', 'null']),
    ...withVariable(
      `query ($${name}: String!) { spaceChatGroups(businessNumbers: [$${name}]) { totalCount } }`,
      [`"${ACME.businessNumber}"`, '[]'],
    ),
    ...withVariable(`query ($${name}: Boolean!) { viewer { tenantId x: tenantId @include(if: $${name}) } }`, [
      'true',
      'false',
      '1',
    ]),
    ...withVariable(
      `query ($${name}: Boolean = true) { viewer { tenantId x: tenantId @skip(if: $${name}) } }`,
      ['true', 'false', 'null'],
    ),
    ...withVariable(`query ($${name}: ChatGroupStatus) { ${list}, status: $${name}) { totalCount } }`, [
      '"ACTIVE"',
      `"${name}"`,
    ]),
    { query: `{ ${name}: viewer { ${name}: tenantId } }` },
    { query: `{ viewer { ...${name} } } fragment ${name} on Viewer { ${name}: tenantId }` },
    { query: `query ${name} { viewer { tenantId } } query B { viewer { tenantName } }`, operationName: name },
    { query: '{ viewer { tenantId } }', operationName: name },
    { query: '{ viewer { tenantId } }', variables: given('1') },
    { query: `{ ${list}, status: ${name}) { totalCount } }` },
    { query: `{ ${list}, ${name}: 1) { totalCount } }` },
    { query: `{ ${list}, subject: "${name}") { totalCount } }` },
    { query: `{ ${name} viewer { ${name} } }` },
    { query: `{ viewer @${name} { tenantId } }` },
    { query: `query ($a: ${name}) { viewer { tenantId } }` },
  ];
}
