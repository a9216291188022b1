import { Kind, parse } from 'graphql';
import type { Draft } from '../fuzz/requests/draft.js';

/**
 * Whether nothing but the named resource decides the response. With several fields, others show the caller's own data,
 * which changes, and which of several errors a response has depends on the moment.
 */
export function isComparable(draft: Draft): boolean {
  if (draft.transport === 'REST') return true;
  const query = queryOf(draft);
  // Operations that are named after a number: errors may quote the name.
  if (query === undefined || /NPLACE/.test(`${draft.target} ${draft.body}`)) return false;
  try {
    const [definition, ...others] = parse(query).definitions.filter(
      ({ kind }) => kind === Kind.OPERATION_DEFINITION,
    );
    if (definition?.kind !== Kind.OPERATION_DEFINITION || others.length > 0) return false;
    const [field, ...more] = definition.selectionSet.selections;
    return field?.kind === Kind.FIELD && field.directives?.length === 0 && more.length === 0;
  } catch {
    return false;
  }
}

function queryOf({ target, body }: Draft): string | undefined {
  const parameters = new URL(target, 'http://gateway.example.com').searchParams;
  const given = body === undefined ? Object.fromEntries(parameters) : (JSON.parse(body) as unknown);
  if (typeof given !== 'object' || given === null || !('query' in given)) return undefined;
  return typeof given.query === 'string' ? given.query : undefined;
}
