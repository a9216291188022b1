import { randomUUID } from 'node:crypto';
import { operation, type Target, type Transport, TRANSPORTS } from '../../support/operations.js';
import type { Random } from '../coherence/random.js';
import { weighted } from '../chance.js';
import type { Groups } from './groups.js';
import { BUSY_NUMBER, QUIET_NUMBER, TENANT, UNCACHED } from './settings.js';

/** One request, and what its client expects. */
export interface SoakRequest {
  /** For the report. */
  readonly kind: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Without it, a key that does not exist is sent. */
  readonly isAuthenticated: boolean;
  readonly isWrite: boolean;
  /** To send as a header. */
  readonly idempotencyKey?: string | undefined;
  /** The client leaves before or while the response arrives. */
  readonly leaves: boolean;
  /** Outcomes that need no fault: statuses of success, or error codes. */
  readonly wants: readonly string[];
  /** The group that a write has taken. */
  readonly group?: string;
  /** Whether a successful write creates or deletes a group. */
  readonly effect?: 'creates' | 'deletes' | undefined;
}

const SUCCESS = ['200', '201', '202', '204'];
const READS = new Set(['list groups', 'read a group', 'list members']);
/** A link may be missing, and members may have been removed before. */
const MAY_FIND_NOTHING = new Set(['delete the invite link', 'remove members']);
const LINKS = ['create an invite link', 'delete the invite link'];

/** Draws requests of the mixed load. */
export class Requests {
  #uncached = 0;
  #created = 0;

  constructor(
    private readonly random: Random,
    private readonly groups: Groups,
    private readonly quietGroups: readonly string[],
    /** Sets the subjects of this run apart. */
    private readonly run: string,
  ) {}

  next(): SoakRequest {
    const { random } = this;
    const draw = weighted<() => SoakRequest>(random, [
      [36, () => this.#read('list groups', QUIET_NUMBER, 'cached list')],
      [15, () => this.#read('list groups', this.#nextUncached(), 'uncached list')],
      [12, () => this.#read('read a group', QUIET_NUMBER, 'single group')],
      [5, () => this.#read('list members', QUIET_NUMBER, 'members')],
      [4, () => this.#read('list groups', BUSY_NUMBER, 'list while writing')],
      [7, () => ({ ...this.#read('list groups', this.#nextUncached(), 'client leaves'), leaves: true })],
      [8, () => this.#lifecycle()],
      [5, () => this.#write('update a group')],
      [3, () => this.#write(random.pick(LINKS))],
      [1, () => this.#write('remove members')],
      [1, () => this.#badKey()],
      [2, () => this.#missing()],
      [1, () => this.#invalid()],
    ]);
    return draw();
  }

  /** Lists that are read once before the load begins, so that caches have their final size early. */
  first(): SoakRequest[] {
    return UNCACHED.map((number) => this.#read('list groups', number, 'uncached list'));
  }

  #nextUncached(): string {
    const number = UNCACHED[this.#uncached % UNCACHED.length] ?? '';
    this.#uncached += 1;
    return number;
  }

  #read(name: string, businessNumber: string, kind: string): SoakRequest {
    return this.#request(name, kind, this.#target(businessNumber, this.random.pick(this.quietGroups)), false);
  }

  /** As many deletes as creates. */
  #lifecycle(): SoakRequest {
    return this.groups.isFull ? this.#write('delete a group') : this.#create();
  }

  #create(): SoakRequest {
    const target = this.#target(BUSY_NUMBER, '');
    return { ...this.#request('create a group', 'create a group', target, true), effect: 'creates' };
  }

  #write(name: string): SoakRequest {
    const group = this.groups.take();
    if (group === undefined) return this.#read('list groups', QUIET_NUMBER, 'cached list');
    const request = this.#request(name, name, this.#target(BUSY_NUMBER, group), true);
    return { ...request, group, effect: name === 'delete a group' ? 'deletes' : undefined };
  }

  #badKey(): SoakRequest {
    // Too many failures of an address are refused in another way.
    const wants = ['UNAUTHENTICATED', 'RATE_LIMITED'];
    return { ...this.#read('list groups', QUIET_NUMBER, 'unknown key'), isAuthenticated: false, wants };
  }

  #missing(): SoakRequest {
    const target = this.#target(QUIET_NUMBER, '000000000000000000000000');
    // GraphQL responds with null.
    return { ...this.#request('read a group', 'missing group', target, false), wants: ['200', 'NOT_FOUND'] };
  }

  #invalid(): SoakRequest {
    const target = { ...this.#target(BUSY_NUMBER, ''), subject: 'x'.repeat(500) };
    return {
      ...this.#request('create a group', 'invalid input', target, true),
      wants: ['VALIDATION_FAILED'],
    };
  }

  #target(businessNumber: string, groupId: string): Target {
    this.#created += 1;
    const subject = `Soak ${this.run} ${this.#created}`;
    return { custSpaceId: TENANT.custSpaceId, businessNumber, groupId, subject };
  }

  #request(name: string, kind: string, target: Target, isWrite: boolean): SoakRequest {
    const { rest, graphql } = operation(name);
    const transport: Transport = this.random.pick(TRANSPORTS);
    const idempotencyKey = isWrite ? randomUUID() : undefined;
    const sent =
      transport === 'REST'
        ? { ...rest(target), idempotencyKey }
        : { method: 'POST', path: '/graphql', body: withKey(graphql(target), idempotencyKey) };
    return {
      ...sent,
      kind: `${kind}, ${transport}`,
      isAuthenticated: true,
      isWrite,
      leaves: false,
      wants: wantsOf(name),
    };
  }
}

function wantsOf(name: string): readonly string[] {
  if (READS.has(name)) return ['200'];
  return MAY_FIND_NOTHING.has(name) ? [...SUCCESS, 'NOT_FOUND'] : SUCCESS;
}

/** GraphQL has the key in the input. */
function withKey(
  { query, variables }: { readonly query: string; readonly variables: Record<string, unknown> },
  idempotencyKey: string | undefined,
): object {
  if (idempotencyKey === undefined) return { query, variables };
  return { query, variables: { input: { ...(variables['input'] as object), idempotencyKey } } };
}
