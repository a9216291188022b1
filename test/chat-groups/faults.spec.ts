import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DEADLINE_MS, FAULTS, type FaultCase } from '../support/fault-cases.js';
import { endingOf, expectedEnding, leaksOf } from '../support/fault-endings.js';
import { startStrandedGateway } from '../support/fault-stranded.js';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';
import {
  OPERATIONS,
  type OperationCase,
  type Outcome,
  TRANSPORTS,
  type Target,
  type Transport,
  arrangeGroup,
  ask,
  learn,
  operation,
} from '../support/operations.js';
import type { LoggedCall } from '../support/sandbox-control.js';

const SETTINGS = {
  TENANTS_FILE: 'test/support/isolation-tenants.yaml',
  CAMS_TIMEOUT_MS: String(DEADLINE_MS),
  CREATE_RESOLVE_TIMEOUT_MS: '250',
  OPERATION_WINDOW_MS: '5000',
  // Fewer than the calls that hang during these tests, so that a leaked permit makes a test fail.
  CAMS_MAX_CONCURRENCY: '12',
};
const WRITES = OPERATIONS.filter(({ kind }) => kind === 'write');
/** Operations with a number of their own: concurrent reads of one page would share a call. */
const NUMBERS = new Map([
  ['read a group', '8613800000021'],
  ['read a node', '8613800000022'],
]);
/** Sets of operations that can run concurrently because a fault of one does not affect the others. */
const APART = [
  [operation('list groups'), ...[...NUMBERS.keys()].map(operation)],
  [operation('list members')],
  WRITES,
];

let gateway: TestGateway;
/** A group for each operation, known to the gateway. */
let targets: Map<string, Target>;
let subjects = 0;
let numbers = 0;

beforeAll(async () => {
  gateway = await startTestGateway(SETTINGS);
});
afterAll(() => gateway.close());

beforeEach(async () => {
  await gateway.sandbox.reset();
  targets = new Map();
  for (const { name } of OPERATIONS) {
    const businessNumber = NUMBERS.get(name) ?? ACME.businessNumber;
    const target = await arrangeGroup(gateway, { ...ACME, businessNumber });
    targets.set(name, { ...target, subject: newSubject() });
  }
  for (const name of ['list groups', ...NUMBERS.keys()]) await learn(gateway, targetOf(operation(name)));
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each(FAULTS)('responds as the error catalogue specifies when the call is $what', async (fault) => {
    const seen: Record<string, string> = {};
    const leaks: string[] = [];
    if (fault.retried) await earnRetries(transport);
    for (const operations of APART) {
      for (const [one, outcome, calls] of await askFaulty(transport, operations, fault)) {
        seen[one.name] = endingOf(transport, one, outcome, calls);
        leaks.push(...leaksOf(outcome, gateway));
        if (outcome.error?.code === 'OUTCOME_UNKNOWN') await canBeFollowed(transport, one, outcome);
      }
    }
    expect(seen).toEqual(
      Object.fromEntries(OPERATIONS.map((one) => [one.name, expectedEnding(transport, one, fault)])),
    );
    expect(leaks).toEqual([]);
    await servesAgain(transport);
  });

  it('retries a read once after a connection reset and hides the failure', async () => {
    await earnRetries(transport);
    await gateway.sandbox.fault({ kind: 'reset', action: 'ListChatGroupParticipants', count: 1 });
    await gateway.sandbox.forgetCalls();
    const { error } = await askOne(transport, 'list members');
    expect(error).toBeUndefined();
    expect(await gateway.sandbox.calls('ListChatGroupParticipants')).toHaveLength(2);
  });

  it('names the setting to change if CAMS returns short pages', async () => {
    await gateway.sandbox.fault({ kind: 'short-page', action: 'ListChatGroup' });
    const { answer } = await askOne(transport, 'list groups');
    expect(answer.text).toContain('CAMS_PAGE_SIZE');
  });

  it.each([
    ['http500', 'UPSTREAM_UNAVAILABLE'],
    ['throttle', 'UPSTREAM_THROTTLED'],
    ['hang', 'UPSTREAM_TIMEOUT'],
  ])('sends no write if the preceding read fails: %s', async (kind, code) => {
    // A separate number, because the result of a scan is remembered for a while.
    numbers += 1;
    const unseen = await arrangeGroup(gateway, { ...ACME, businessNumber: `861380000001${numbers}` });
    await gateway.sandbox.fault({ kind, action: 'ListChatGroup' });
    await gateway.sandbox.forgetCalls();
    const outcomes = await Promise.all(
      WRITES.map(async (one) => ask(gateway, transport, one, { ...unseen, subject: newSubject() })),
    );
    expect(outcomes.map(({ error }) => error?.code)).toEqual(WRITES.map(() => code));
    const actions = await gateway.sandbox.actions();
    expect(actions.filter((action) => action !== 'ListChatGroup')).toEqual([]);
  });

  it('removes no members if the members cannot be read', async () => {
    await gateway.sandbox.fault({ kind: 'malformed', action: 'ListChatGroupParticipants' });
    const { error } = await askOne(transport, 'remove members');
    expect(error.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(await gateway.sandbox.calls('DeleteChatGroupParticipants')).toEqual([]);
  });

  it.each(['http500', 'reset', 'hang', 'malformed', 'short-page', 'throttle'])(
    'does not report an executed write as failed if the group cannot be read afterwards: %s',
    async (kind) => {
      // A create operation finds its group by reading and stays pending if it cannot, which other tests cover.
      const writes = WRITES.filter(({ ofGroup }) => ofGroup);
      await gateway.sandbox.fault({ kind, action: 'ListChatGroup' });
      await gateway.sandbox.forgetCalls();
      const outcomes = await Promise.all(
        writes.map(async (one) => ask(gateway, transport, one, targetOf(one))),
      );
      expect(outcomes.map(({ error }) => error)).toEqual(writes.map(() => undefined));
      if (transport === 'REST') {
        const accepted = writes.map((one) => (one.name === 'update a group' ? 202 : one.restStatus));
        expect(outcomes.map(({ answer }) => answer.status)).toEqual(accepted);
      }
      const applied = (await gateway.sandbox.calls()).filter((call) => call.applied && isWrite(call.action));
      expect(applied.map(({ action }) => action).toSorted()).toEqual(actionsOf(writes).toSorted());
    },
  );
});

describe('when nothing listens at the CAMS endpoint', () => {
  it.each(TRANSPORTS)('fails reads and writes as not executed over %s', async (transport) => {
    const stranded = await startStrandedGateway({ ...SETTINGS, LOG_LEVEL: 'silent' });
    try {
      const target = await arrangeGroup(stranded, ACME);
      await learn(stranded, target);
      await stranded.strand();
      for (const one of OPERATIONS) {
        const outcome = await ask(stranded, transport, one, target);
        expect([one.name, outcome.error?.code]).toEqual([one.name, 'UPSTREAM_UNAVAILABLE']);
        expect(leaksOf(outcome, stranded)).toEqual([]);
      }
    } finally {
      await stranded.close();
    }
  });
});

/** Runs the operations concurrently, each with a fault on its upstream action, and counts the calls of each action. */
async function askFaulty(
  transport: Transport,
  operations: readonly OperationCase[],
  { fault }: FaultCase,
): Promise<(readonly [OperationCase, Outcome, number])[]> {
  const actions = actionsOf(operations);
  for (const action of new Set(actions)) await gateway.sandbox.fault({ ...fault, action });
  await gateway.sandbox.forgetCalls();
  const outcomes = await Promise.all(
    operations.map(async (one) => ask(gateway, transport, one, targetOf(one))),
  );
  const called = actionsOf((await gateway.sandbox.calls()).filter((call) => !looksForCreate(call)));
  await gateway.sandbox.clearFaults();
  return outcomes.map((outcome, index) => {
    const one = operations[index] ?? none();
    return [one, outcome, count(called, one.action) / count(actions, one.action)];
  });
}

/** Expects a pending operation for a create request with an unknown outcome, and none for other writes. */
async function canBeFollowed(transport: Transport, one: OperationCase, { error }: Outcome): Promise<void> {
  if (one.name !== 'create a group') {
    expect(error.operationId).toBeUndefined();
    return;
  }
  const id = error.operationId;
  const path = `/v1/operations/${id}`;
  const query = 'query ($id: ID!) { operation(id: $id) { id status } }';
  const { body } = transport === 'REST' ? await gateway.rest(path) : await gateway.graphql(query, { id });
  expect(transport === 'REST' ? body : body.data.operation).toMatchObject({ id, status: 'PENDING' });
}

async function servesAgain(transport: Transport): Promise<void> {
  const target = targetOf(operation('list groups'));
  for (const name of ['list groups', 'read a group', 'list members', 'update a group', 'create a group']) {
    const again = { ...target, subject: newSubject() };
    const { error } = await ask(gateway, transport, operation(name), again);
    expect([name, error]).toEqual([name, undefined]);
  }
}

async function askOne(transport: Transport, name: string): Promise<Outcome> {
  const one = operation(name);
  return ask(gateway, transport, one, targetOf(one));
}

/** Only a fifth of all calls are retries, so those of earlier tests could leave none. */
async function earnRetries(transport: Transport): Promise<void> {
  for (let calls = 0; calls < 50; calls += 1) {
    const { error } = await askOne(transport, 'list members');
    expect(error).toBeUndefined();
  }
}

/** Whether the call looks in the background for a group that an earlier test created. */
function looksForCreate({ action, parameters }: LoggedCall): boolean {
  return action === 'ListChatGroup' && 'Subject' in parameters;
}

function isWrite(action: string): boolean {
  return !action.startsWith('List');
}

function actionsOf(calls: readonly { readonly action: string }[]): string[] {
  return calls.map(({ action }) => action);
}

function count(all: readonly string[], wanted: string): number {
  return all.filter((one) => one === wanted).length;
}

function targetOf({ name }: OperationCase): Target {
  return targets.get(name) ?? none();
}

/** Returns a subject that no earlier request used; pending operations keep theirs locked. */
function newSubject(): string {
  subjects += 1;
  return `Trip ${subjects}`;
}

function none(): never {
  throw new Error('Not found.');
}
