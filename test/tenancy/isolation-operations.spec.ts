import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ACME,
  ACME_KEY,
  GLOBEX,
  GLOBEX_KEY,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';
import { UNKNOWN, fingerprint } from '../support/isolation-check.js';
import { type Tokens, makeTokens } from '../support/isolation-tokens.js';
import {
  OPERATIONS,
  type OperationCase,
  type Outcome,
  TRANSPORTS,
  type Transport,
  ask,
} from '../support/operations.js';

const TENANTS = readFileSync(new URL('../support/isolation-tenants.yaml', import.meta.url), 'utf8');
/** A second space of acme. */
const OTHER = { custSpaceId: 'cams-acme-2', businessNumber: '8613800000021' };

let folder: string;
let tokens: Tokens;
let gateway: TestGateway;
/** Subjects of operations in the first and in the second space of acme, and of globex. */
const own: string[] = [];
const other: string[] = [];
const foreign: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isolation-operations-'));
  const TENANTS_FILE = join(folder, 'tenants.yaml');
  const more = `      - { custSpaceId: ${OTHER.custSpaceId}, businessNumbers: ['${OTHER.businessNumber}'] }\n`;
  writeFileSync(TENANTS_FILE, TENANTS.replace('    limits:', `${more}    limits:`));
  tokens = await makeTokens();
  gateway = await startTestGateway({ TENANTS_FILE, ...tokens.settings });
  for (const [into, scope, key] of [
    [own, ACME, ACME_KEY],
    [foreign, GLOBEX, GLOBEX_KEY],
    [other, OTHER, ACME_KEY],
    [own, ACME, ACME_KEY],
  ] as const) {
    const subject = `Of ${scope.custSpaceId} ${into.length}`;
    into.push(subject);
    const { custSpaceId, businessNumber } = scope;
    const path = `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups`;
    const { status } = await gateway.rest(path, { method: 'POST', body: { subject }, key });
    expect(status).toBe(201);
  }
});
afterAll(async () => {
  await gateway.close();
  tokens.close();
  rmSync(folder, { recursive: true });
});

type Filter = Partial<typeof ACME> | Record<string, string>;

async function list(transport: Transport, key: string, filter: Filter = {}): Promise<Outcome> {
  const one: OperationCase = {
    ...(OPERATIONS[0] as OperationCase),
    rest: () => ({ method: 'GET', path: `/v1/operations?${new URLSearchParams(filter).toString()}` }),
    graphql: () => ({
      query: `query ($custSpaceId: ID, $businessNumber: String) {
        operations(custSpaceId: $custSpaceId, businessNumber: $businessNumber) { nodes { subject } }
      }`,
      variables: filter,
    }),
    field: 'operations',
  };
  return ask(gateway, transport, one, { ...ACME, groupId: '' }, { key });
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  async function subjects(key: string, filter: Filter = {}): Promise<string[]> {
    const { data, error } = await list(transport, key, filter);
    expect(error).toBeUndefined();
    const operations = (transport === 'REST' ? data.data : data.nodes) as { subject: string }[];
    return operations.map(({ subject }) => subject);
  }

  it('lists only the operations of the caller’s tenant', async () => {
    expect((await subjects(ACME_KEY)).toSorted()).toEqual([...own, ...other].toSorted());
    expect(await subjects(GLOBEX_KEY)).toEqual(foreign);
  });

  it('lists only operations in the spaces of a narrowed token', async () => {
    const narrowed = await tokens.forSpaces([ACME.custSpaceId]);
    expect(await subjects(narrowed)).toEqual(own.toReversed());
    expect(await subjects(await tokens.forSpaces([OTHER.custSpaceId]))).toEqual(other);
    expect(await subjects(await tokens.forSpaces([]))).toEqual([]);
    expect(await subjects(await tokens.forSpaces([GLOBEX.custSpaceId]))).toEqual([]);
  });

  it('lists the operations of one space or number', async () => {
    expect(await subjects(ACME_KEY, { custSpaceId: OTHER.custSpaceId })).toEqual(other);
    expect(await subjects(ACME_KEY, { businessNumber: ACME.businessNumber })).toEqual(own.toReversed());
    expect(await subjects(ACME_KEY, OTHER)).toEqual(other);
  });

  it.each([
    ['space', GLOBEX.custSpaceId, UNKNOWN.custSpaceId],
    ['number', GLOBEX.businessNumber, UNKNOWN.businessNumber],
  ] as const)(
    'does not distinguish a %s of another tenant from an unknown one',
    async (part, theirs, unknown) => {
      const name = part === 'space' ? 'custSpaceId' : 'businessNumber';
      const narrowed = await tokens.forSpaces([OTHER.custSpaceId]);
      await gateway.sandbox.forgetCalls();
      const answers = [
        await list(transport, ACME_KEY, { [name]: theirs }),
        await list(transport, ACME_KEY, { [name]: unknown }),
        await list(transport, narrowed, { [name]: ACME[name] }),
      ];
      for (const { error } of answers) expect(error).toMatchObject({ code: 'NOT_FOUND', status: 404 });
      expect(new Set(answers.map((answer) => fingerprint(answer))).size).toBe(1);
      expect(await gateway.sandbox.actions()).toEqual([]);
    },
  );

  it('hides other spaces before it reports a missing permission', async () => {
    const key = await tokens.withScope('participants:read');
    expect((await list(transport, key, GLOBEX)).error).toMatchObject({ code: 'NOT_FOUND' });
    expect((await list(transport, key, ACME)).error).toMatchObject({ code: 'FORBIDDEN' });
    expect((await list(transport, key)).error).toMatchObject({ code: 'FORBIDDEN' });
  });
});
