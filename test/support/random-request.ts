import type { GraphQLSchema } from 'graphql';
import { ACME_KEY, READONLY_KEY } from './gateway.js';
import { ACCEPTS } from './query-cases.js';
import type { GraphqlRequest } from './query-ways.js';
import type { ArgumentPool } from './random-arguments.js';
import type { RandomChoice } from './random-choice.js';
import { RandomDocument } from './random-document.js';

/** Returns a request whose document is nearly always valid, and whose other parts may be unusual or invalid. */
export function randomRequest(
  choice: RandomChoice,
  schema: GraphQLSchema,
  pool: ArgumentPool,
): GraphqlRequest {
  const document = new RandomDocument(choice, schema, pool);
  const names = choice.onceIn(6)
    ? choice.of([
        ['A', 'B'],
        ['A', 'B', 'C'],
      ])
    : [choice.of(['', 'A'])];
  const query = document.text(names);
  const { variables } = document;
  const sent = Object.keys(variables).length === 0 ? choice.of([{}, undefined, null]) : variables;
  return {
    body: {
      query,
      ...(sent !== undefined && {
        variables: choice.onceIn(40) ? choice.of<unknown>([[], 'x', null]) : sent,
      }),
      ...operationName(choice, names),
      ...(choice.onceIn(15) && { extensions: choice.of<unknown>([{}, null, { a: 1 }, 'x']) }),
    },
    key: choice.onceIn(4) ? READONLY_KEY : ACME_KEY,
    ...(choice.onceIn(4) && { accept: choice.of(ACCEPTS) }),
    ...(choice.onceIn(4) && { method: 'GET' as const }),
    ...(choice.onceIn(4) && { headers: { 'graphql-cost': 'include' } }),
  };
}

function operationName(choice: RandomChoice, names: readonly string[]): { readonly operationName?: unknown } {
  const [name = ''] = names;
  if (choice.onceIn(15)) return { operationName: choice.of<unknown>(['', 'Nobody', null, 7]) };
  if (names.length > 1) return choice.onceIn(8) ? {} : { operationName: choice.of(['A', 'B']) };
  return name !== '' && choice.onceIn(3) ? { operationName: name } : {};
}
