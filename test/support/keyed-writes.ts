import { MAX_PAGE_SIZE } from '../../src/chat-groups/model/page-size.js';
import { randomUUID } from 'node:crypto';
import { eventually } from './eventually.js';
import type { Json, RequestOptions, TestGateway } from './gateway.js';
import {
  MEMBER,
  OPERATIONS,
  type OperationCase,
  type Outcome,
  type Target,
  type Transport,
  arrangeGroup,
  ask,
  learn,
} from './operations.js';

export const WRITES = OPERATIONS.filter(({ kind }) => kind === 'write');

/** A key of tenant acme with every permission except `groups:invite`. */
export const WRITER_KEY = `cgk_acme-writer.${'D'.repeat(43)}`;
export const WRITES_TENANTS = { TENANTS_FILE: 'test/support/writes-tenants.yaml' } as const;
/** A member other than {@link MEMBER}. */
export const OTHER_MEMBER = '8613700000098';

export function newKey(): string {
  return `key-${randomUUID()}`;
}

export function newSubject(): string {
  return `Trip ${randomUUID()}`;
}

export function writeNamed(name: string): OperationCase {
  const found = WRITES.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`There is no write operation named ${name}`);
  return found;
}

/** Returns the writes that CAMS received since its log was cleared, named as in the audit log. */
export async function sentWrites({ sandbox }: Pick<TestGateway, 'sandbox'>): Promise<string[]> {
  const calls = await sandbox.calls();
  return calls
    .filter(({ action }) => !action.startsWith('List'))
    .map(({ action, parameters }) => nameOfWrite(action, parameters['GroupId']))
    .toSorted();
}

export function nameOfWrite(action: string, groupId: unknown): string {
  return `${action} ${String(groupId)}`;
}

/** The outcome of a write with an idempotency key. */
export interface KeyedOutcome extends Outcome {
  /** Whether the response is marked as a replay of an earlier one. */
  readonly replayed: boolean;
  /** The response without the parts that differ between requests. */
  readonly told: Json;
}

/** Sends a write with an idempotency key, in the header or the input, depending on the transport. */
export async function askWithKey(
  gateway: TestGateway,
  transport: Transport,
  one: OperationCase,
  target: Target,
  key: string,
  options: RequestOptions = {},
): Promise<KeyedOutcome> {
  const keyed: OperationCase = {
    ...one,
    graphql: (of) => withInput(one.graphql(of), { idempotencyKey: key }),
  };
  const headers = { ...options.headers, ...(transport === 'REST' && { 'idempotency-key': key }) };
  const outcome = await ask(gateway, transport, keyed, target, { ...options, headers });
  const { answer } = outcome;
  const replayed =
    transport === 'REST'
      ? answer.headers.get('idempotency-replayed') === 'true'
      : answer.body.extensions?.idempotencyReplayed === true;
  return { ...outcome, replayed, told: toldBy(transport, outcome) };
}

const HEADERS = ['location', 'etag', 'coherence', 'x-upstream-request-id'];

function toldBy(transport: Transport, { answer, data, error }: Outcome): Json {
  const headers = HEADERS.map((name) => answer.headers.get(name));
  const without = (fields: Json): Json => fields && { ...fields, requestId: undefined };
  return {
    status: answer.status,
    data: without(data),
    error: without(error),
    ...(transport === 'REST' && { headers }),
  };
}

/** Returns the same write to the same target with other content. */
export function withOtherContent(one: OperationCase): OperationCase {
  const changes: Record<string, unknown> =
    one.name === 'remove members' ? { phoneNumbers: [OTHER_MEMBER] } : { description: 'Something else' };
  return withContent(one, changes);
}

export function withContent(one: OperationCase, changes: Record<string, unknown>): OperationCase {
  return {
    ...one,
    rest: (of) => ({ ...one.rest(of), body: { ...(one.rest(of).body as object), ...changes } }),
    graphql: (of) => withInput(one.graphql(of), changes),
  };
}

function withInput(
  { query, variables }: ReturnType<OperationCase['graphql']>,
  more: Record<string, unknown>,
): ReturnType<OperationCase['graphql']> {
  return { query, variables: { input: { ...(variables['input'] as object), ...more } } };
}

/** A group and its initial invite link. */
export interface Arranged extends Target {
  readonly linkBefore: string | null;
}

/** Creates a group with a link and two members, makes the gateways see it, and picks an unused subject for writes. */
export async function arrangeTarget(
  gateways: TestGateway | TestGateway[],
  scope: Pick<Target, 'custSpaceId' | 'businessNumber'>,
  options: RequestOptions = {},
): Promise<Arranged> {
  const all: readonly TestGateway[] = Array.isArray(gateways) ? gateways : [gateways];
  const [first] = all;
  if (!first) throw new Error('There is no gateway.');
  const arranged = { ...(await arrangeGroup(first, scope)), subject: newSubject() };
  const group = (await first.sandbox.groups(scope)).find(({ groupId }) => groupId === arranged.groupId);
  const target = { ...arranged, linkBefore: group?.inviteLink ?? null };
  for (const gateway of all) await learnAs(gateway, target, options);
  await first.sandbox.forgetCalls();
  return target;
}

async function learnAs(gateway: TestGateway, target: Target, options: RequestOptions): Promise<void> {
  if (!options.key) return learn(gateway, target);
  const path = `/v1/spaces/${target.custSpaceId}/numbers/${target.businessNumber}/groups?size=${MAX_PAGE_SIZE}`;
  const { status } = await gateway.rest(path, options);
  if (status !== 200) throw new Error(`The groups could not be listed: ${status}`);
}

/** Repeats the request until its outcome is known. */
export async function onceKnown(again: () => Promise<KeyedOutcome>): Promise<KeyedOutcome> {
  return eventually(async () => {
    const outcome = await again();
    return ['OUTCOME_UNKNOWN', 'IDEMPOTENCY_IN_FLIGHT'].includes(outcome.error?.code) ? undefined : outcome;
  });
}

/** Repeats the request until its result is not a retryable error. */
export async function onceSettled(again: () => Promise<KeyedOutcome>): Promise<KeyedOutcome> {
  return eventually(async () => {
    const outcome = await again();
    return outcome.error?.retryable === true ? undefined : outcome;
  });
}

/** Whether CAMS shows the effect of the write. */
export async function isDone(gateway: TestGateway, one: OperationCase, target: Arranged): Promise<boolean> {
  const groups = await gateway.sandbox.groups(target);
  const group = groups.find(({ groupId }) => groupId === target.groupId);
  switch (one.name) {
    case 'create a group':
      return groups.some(({ subject }) => subject === target.subject);
    case 'update a group':
      return group?.subject === target.subject;
    case 'delete a group':
      return group === undefined || group.status === 'DELETING';
    case 'remove members':
      return group !== undefined && !group.participants.includes(MEMBER);
    case 'delete the invite link':
      return group !== undefined && !group.inviteLink;
    default:
      return group !== undefined && Boolean(group.inviteLink) && group.inviteLink !== target.linkBefore;
  }
}
