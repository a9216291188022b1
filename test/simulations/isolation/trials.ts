import { SHAPES, type Shape, named } from '../../support/isolation-shapes.js';
import { onceIn, weighted } from '../chance.js';
import { Random } from '../coherence/random.js';
import type { RunTenant } from '../tenants.js';
import { isComparable } from './comparable.js';
import type { OwnedNames } from './owned-names.js';
import { type Names, OpenRequest, type Part } from './open-request.js';
import { persistedQuery } from './persisted.js';
import { TENANTS } from './settings.js';
import type { Draft } from '../fuzz/requests/draft.js';

/** A request with the caller's own names, one with another tenant's, or two that the caller must not tell apart. */
export type Trial =
  | { readonly kind: 'own' | 'replay'; readonly what: string; readonly request: Draft }
  | { readonly kind: 'pair'; readonly what: string; readonly foreign: Draft; readonly unknown: Draft };

const REPLAYED = ['cursor', 'etag', 'idempotencyKey'] as const;

/** Generates a trial of the caller. The same seed makes the same choices. */
export function trialOf(caller: RunTenant, seed: number, names: OwnedNames): Trial {
  const random = new Random(seed);
  const open = OpenRequest.generate(random);
  const own = names.of(caller, random);
  const other = names.of(random.pick(TENANTS.filter((tenant) => tenant !== caller)), random);
  const kind = weighted(random, [
    [3, 'own'],
    [1, 'replay'],
    [8, 'pair'],
  ] as const);
  if (onceIn(random, 20)) {
    const owner = random.pick(TENANTS);
    const request = persistedQuery(random, owner, owner === caller);
    return owner === caller
      ? { kind: 'own', what: 'own', request }
      : { kind: 'replay', what: 'persisted query', request };
  }
  if (kind === 'replay') {
    const part = random.pick(REPLAYED);
    return { kind, what: part, request: open.filled({ ...own, [part]: other[part] }) };
  }
  const { parts } = open;
  if (kind === 'pair') {
    const shape = random.pick(SHAPES);
    const ofOperation = parts.includes('operationId') && onceIn(random, 2);
    if (ofOperation || isNamed(shape, parts)) {
      const inArray: Part[] = !ofOperation && shape.inArray === true ? ['space', 'number', 'node'] : [];
      const filled = (theirs: Names): Draft => {
        const changed = ofOperation ? { operationId: theirs.operationId } : named(own, shape, theirs);
        return open.filled({ ...own, ...changed, idempotencyKey: names.newKey() }, inArray);
      };
      const what = ofOperation ? 'operation' : `${shape.part} ${shape.what}`;
      if (!isComparable(open.draft)) return { kind: 'replay', what, request: filled(other) };
      return { kind, what, foreign: filled(other), unknown: filled(names.unknown()) };
    }
  }
  return { kind: 'own', what: 'own', request: open.filled(own) };
}

/** Whether a request with these parts is different if the shape replaces its part. */
function isNamed({ part }: Shape, parts: readonly Part[]): boolean {
  if (parts.includes('node')) return true;
  if (part === 'everything')
    return parts.includes('space') || parts.includes('number') || parts.includes('group');
  return parts.includes(part);
}
