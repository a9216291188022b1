import { OperationTypeNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { CountedRequests } from '../request/tenant-usage.js';
import { PredictedCost } from './predicted-cost.js';
import type { SelectedOperation, Variables } from './selected-operation.js';

/** Maximum upstream calls per document: each one uses a share of the account's quota. */
export const MAX_UPSTREAM_CALLS = 60;
export const MAX_RESPONSE_BYTES = 512 * 1024;
const MAX_ROOT_FIELDS = 5;
const MAX_MUTATIONS = 1;
/** A response of up to this size counts as one request of the tenant's limits. */
const BYTES_PER_UNIT = 32 * 1024;
/** Each call may be a lookup in the cache store that other tenants wait for as well. */
const CALLS_PER_PLACE = 5;
const MAX_MEMOIZED = 32;

/** The cost, and how many requests it counts as: one for each 32 KiB; for the concurrent ones also one for each 5 calls. */
export interface JudgedCost extends CountedRequests {
  readonly upstreamCalls: number;
  readonly responseBytes: number;
  /** Why the request is refused. */
  readonly refusal: string | undefined;
}

/** The cost of one operation. Walks the document only for values of variables that the cost depends on and that are new. */
export class DocumentCost {
  /** Holds for all variables. */
  readonly #constant: JudgedCost | undefined;
  readonly #dependsOn: readonly string[];
  readonly #known = new LRUCache<number | string, JudgedCost>({ max: MAX_MEMOIZED });

  constructor(private readonly selected: SelectedOperation) {
    const most = new PredictedCost(selected, 'any');
    this.#dependsOn = most.dependsOn;
    const judged = judge(selected, most);
    const isFixed = this.#dependsOn.length === 0 || (judged.refusal === undefined && judged.places === 1);
    this.#constant = isFixed ? judged : undefined;
  }

  /** Returns the cost with these variables, as sent. May be that of the most expensive variables, if it is within one place. */
  of(variables: Variables): JudgedCost {
    if (this.#constant) return this.#constant;
    const key = this.#key(variables);
    const known = this.#known.get(key);
    if (known) return known;
    const judged = judgedCost(this.selected, variables);
    this.#known.set(key, judged);
    return judged;
  }

  #key(variables: Variables): number | string {
    const [first = '', ...others] = this.#dependsOn;
    const only = others.length === 0 && Object.hasOwn(variables, first) ? variables[first] : undefined;
    if (typeof only === 'number') return only;
    return this.#dependsOn
      .map((name) => (Object.hasOwn(variables, name) ? keyOf(variables[name]) : 'absent'))
      .join(' ');
  }
}

/** Only numbers, booleans, null and the lengths of lists affect the cost. */
function keyOf(value: unknown): string {
  if (Array.isArray(value)) return `list ${value.length}`;
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : 'other';
}

/** Returns the cost of an operation with these variables, as sent. The document must be valid. */
export function judgedCost(selected: SelectedOperation, variables: Variables): JudgedCost {
  return judge(selected, new PredictedCost(selected, variables));
}

function judge(selected: SelectedOperation, predicted: PredictedCost): JudgedCost {
  const { upstreamCalls, responseBytes } = predicted;
  const units = Math.max(1, Math.ceil(responseBytes / BYTES_PER_UNIT));
  const places = Math.max(units, Math.ceil(upstreamCalls / CALLS_PER_PLACE));
  return { upstreamCalls, responseBytes, units, places, refusal: refusalOf(selected, predicted) };
}

function refusalOf({ schema, operation }: SelectedOperation, predicted: PredictedCost): string | undefined {
  if (!schema.getRootType(operation.operation)) return `The schema has no ${operation.operation} operations.`;
  const roots = predicted.rootFields();
  const limit = operation.operation === OperationTypeNode.MUTATION ? MAX_MUTATIONS : MAX_ROOT_FIELDS;
  if (roots > limit)
    return `A ${operation.operation} may have at most ${limit} root ${limit === 1 ? 'field' : 'fields'}; this one has ${roots}.`;
  const { upstreamCalls, responseBytes } = predicted;
  if (upstreamCalls > MAX_UPSTREAM_CALLS)
    return `The document would cause about ${upstreamCalls} upstream calls; the limit is ${MAX_UPSTREAM_CALLS}. Select the participants of fewer groups.`;
  if (responseBytes > MAX_RESPONSE_BYTES)
    return `The response would have about ${Math.ceil(responseBytes / 1024)} KiB; the limit is ${MAX_RESPONSE_BYTES / 1024} KiB. Request fewer rows or select fewer fields.`;
  return undefined;
}
