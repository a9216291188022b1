import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ACME,
  ACME_KEY,
  GLOBEX,
  GLOBEX_KEY,
  READONLY_KEY,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';
import { UNKNOWN, letGlobexWork } from '../support/isolation-check.js';
import {
  OPERATIONS,
  TRANSPORTS,
  type Target,
  type Transport,
  arrangeGroup,
  ask,
} from '../support/operations.js';

/** Texts that only globex may see. */
const CANARIES = {
  groupLink: 'https://t.me/canary-group-link',
  groupType: 'CANARY_TYPE',
  businessRole: 'CANARY_ROLE',
  userId: 'US.77771111222233334444',
  number: '8615977776666',
} as const;

let gateway: TestGateway;
let own: Target;
let foreign: Target;
/** A create operation of globex, and the unique code of CAMS in it. */
let operation: { readonly id: string; readonly uniqueCode: string };

beforeAll(async () => {
  gateway = await startTestGateway({ TENANTS_FILE: 'test/support/isolation-tenants.yaml' });
  own = await arrangeGroup(gateway, ACME);
  foreign = await arrangeGroup(gateway, GLOBEX);
  const { userId, number, groupLink, groupType, businessRole } = CANARIES;
  const participants = [userId, `+${number}`];
  const change = { groupLink, groupType, businessRole, participants, inviteLink: true };
  await gateway.sandbox.changeGroup({ op: 'update', groupId: foreign.groupId, ...change });
  await letGlobexWork(gateway, foreign);
  const query = `mutation ($input: CreateChatGroupInput!) {
    createChatGroup(input: $input) { operation { id uniqueCode } }
  }`;
  const input = { ...GLOBEX, subject: 'Canary' };
  operation = (await gateway.graphql(query, { input }, { key: GLOBEX_KEY })).body.data.createChatGroup
    .operation;
});
afterAll(() => gateway.close());

const canaries = (): string[] => [...Object.values(CANARIES), operation.uniqueCode, operation.id];

/** Everything that a caller receives when it names these resources, over every operation. */
async function everything(transport: Transport, key: string, targets: readonly Target[]): Promise<string> {
  const texts: string[] = [];
  for (const one of OPERATIONS.filter(({ kind }) => kind === 'read' || key !== GLOBEX_KEY)) {
    for (const target of targets) {
      const { answer } = await ask(gateway, transport, one, target, { key });
      texts.push(answer.text, JSON.stringify([...answer.headers]));
    }
  }
  const asked =
    transport === 'REST'
      ? await gateway.rest(`/v1/operations/${operation.id}`, { key })
      : await gateway.graphql(
          'query ($id: ID!) { operation(id: $id) { id uniqueCode } }',
          { id: operation.id },
          { key },
        );
  // An error may repeat the ID that the caller sent, but not what belongs to it.
  texts.push(asked.text.replaceAll(operation.id, ''));
  return texts.join('\n');
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  it('globex itself sees each canary', async () => {
    const seen = await everything(transport, GLOBEX_KEY, [foreign]);
    const shown = canaries().filter((canary) => canary !== operation.id);
    expect(shown.filter((canary) => !seen.includes(canary))).toEqual([]);
  });

  it.each([
    ['acme', ACME_KEY],
    ['a key of acme that may only read', READONLY_KEY],
  ])('%s sees none of them', async (_who, key) => {
    const seen = await everything(transport, key, [
      own,
      foreign,
      { ...own, groupId: foreign.groupId },
      UNKNOWN,
    ]);
    expect(canaries().filter((canary) => seen.includes(canary))).toEqual([]);
  });

  it('shows the links of a group only with groups:invite', async () => {
    const { groupId } = await gateway.sandbox.changeGroup({
      op: 'create',
      ...ACME,
      subject: 'Linked',
      groupLink: 'https://t.me/own',
      inviteLink: true,
    });
    const seen = await everything(transport, READONLY_KEY, [{ ...ACME, groupId }]);
    expect(seen).toContain('Linked');
    expect(seen).not.toMatch(/t\.me|chat\.whatsapp\.com/);
  });
});
