import { randomUUID } from 'node:crypto';
import { WRITES, sentWrites } from './audit-fixture.js';
import { eventually } from './eventually.js';
import type { Json, RequestOptions, TestGateway } from './gateway.js';
import {
  MEMBER,
  type OperationCase,
  type Outcome,
  type Target,
  type Transport,
  arrangeGroup,
  ask,
  learn,
} from './operations.js';

export { WRITES, sentWrites };

/** Of tenant acme: everything but `groups:invite`. */
export const WRITER_KEY = `cgk_acme-writer.${'D'.repeat(43)}`;
export const WRITES_TENANTS = { TENANTS_FILE: 'test/support/writes-tenants.yaml' } as const;
/** A member that {@link MEMBER} is not. */
export const OTHER_MEMBER = '8613700000098';

export function newKey(): string {
  return `key-${randomUUID()}`;
}

export function newSubject(): string {
  return `Trip ${randomUUID()}`;
}

export function writeNamed(name: string): OperationCase {
  const found = WRITES.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`There is no write ${name}`);
  return found;
}

/** What came of a write that had a key. */
export interface KeyedOutcome extends Outcome {
  /** Whether the answer says that it is that of an earlier request. */
  readonly replayed: boolean;
  /** The answer without what differs from request to request. */
  readonly told: Json;
}

/** Asks for a write with a key, where the transport has its place for one. */
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

/** The same write, asking for something else of the same target. */
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

/** A group, and the link that it had when it was made. */
export interface Arranged extends Target {
  readonly linkBefore: string | null;
}

/** A group with a link and two members that the gateways know, and a subject that nobody used. */
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
  const path = `/v1/spaces/${target.custSpaceId}/numbers/${target.businessNumber}/groups?size=100`;
  const { status } = await gateway.rest(path, options);
  if (status !== 200) throw new Error(`The groups could not be listed: ${status}`);
}

/** Asks the same again until CAMS can have executed it or not, and the answer says which. */
export async function onceKnown(again: () => Promise<KeyedOutcome>): Promise<KeyedOutcome> {
  return eventually(async () => {
    const outcome = await again();
    return ['OUTCOME_UNKNOWN', 'IDEMPOTENCY_IN_FLIGHT'].includes(outcome.error?.code) ? undefined : outcome;
  });
}

/** Asks the same again until the answer does not say that this is worth it. */
export async function onceSettled(again: () => Promise<KeyedOutcome>): Promise<KeyedOutcome> {
  return eventually(async () => {
    const outcome = await again();
    return outcome.error?.retryable === true ? undefined : outcome;
  });
}

/** Whether the group shows at CAMS what the write was to do. */
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
