import { MAX_PAGE_SIZE } from '../../src/chat-groups/model/page-size.js';
import { expect } from '@jest/globals';
import { ACME, type Answer, type Json, type TestGateway } from './gateway.js';
import type { Transport } from './operations.js';

const PATH = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const QUERY = `query ($custSpaceId: ID!, $businessNumber: String!) {
  chatGroups(custSpaceId: $custSpaceId, businessNumber: $businessNumber, first: ${MAX_PAGE_SIZE}) {
    totalCount asOf stale nodes { groupId subject inviteLink }
  }
}`;

/** Settings of a gateway that caches pages in this Redis with the default lifetimes. */
export function cachedIn(url: string, callMs: number, lateMs: number): Record<string, string> {
  return {
    REDIS_URL: url,
    TENANTS_FILE: 'test/support/tenants.quotas.yaml',
    CAMS_TIMEOUT_MS: String(callMs),
    CAMS_LATE_APPLY_MS: String(lateMs),
    CACHE_FRESH_MS: '15000',
    CACHE_STALE_WHILE_REVALIDATE_MS: '60000',
    CACHE_STALE_IF_ERROR_MS: '600000',
  };
}

/** A list of all groups of ACME, as returned by one of the transports. */
export interface ListRead {
  readonly groups: readonly { readonly groupId: string; readonly subject: string }[];
  readonly asOf: string;
  readonly stale: boolean;
  readonly answer: Answer;
}

/** Reads all groups of ACME. Throws if the response is not a list. */
export async function readList(gateway: TestGateway, transport: Transport = 'REST'): Promise<ListRead> {
  if (transport === 'REST') {
    const answer = await gateway.rest(`${PATH}?size=${MAX_PAGE_SIZE}`);
    if (answer.status !== 200) throw new Error(`No list: ${answer.status} ${answer.text}`);
    return { groups: answer.body.data, asOf: answer.body.asOf, stale: answer.body.stale, answer };
  }
  const answer = await gateway.graphql(QUERY, ACME);
  const list: Json = answer.body?.data?.chatGroups;
  if (!list) throw new Error(`No list: ${answer.text}`);
  return { groups: list.nodes, asOf: list.asOf, stale: list.stale, answer };
}

/** Reads a list over REST and returns its `Cache-Status`. */
export async function cacheStatus(gateway: TestGateway): Promise<string | null> {
  return (await readList(gateway)).answer.headers.get('cache-status');
}

/** Ends all changes in progress in the groups of ACME: a page with such a group would expire within seconds. */
export async function settleGroups({ sandbox }: TestGateway): Promise<void> {
  for (const { groupId, status } of await sandbox.groups(ACME)) {
    if (!status.endsWith('ING')) continue;
    await sandbox.changeGroup({ op: 'update', groupId, status: 'ACTIVE' });
  }
}

/** Expects a list to match the current upstream state. */
export async function expectTruth(gateway: TestGateway, transport: Transport): Promise<void> {
  const pick = ({ groupId, subject, inviteLink }: Json): unknown => ({
    groupId,
    subject,
    inviteLink: inviteLink ?? null,
  });
  const byId = (a: Json, b: Json): number => (a.groupId < b.groupId ? -1 : 1);
  const { groups } = await readList(gateway, transport);
  const truth = await gateway.sandbox.groups(ACME);
  expect(groups.map(pick).toSorted(byId)).toEqual(truth.map(pick).toSorted(byId));
}

export const MISS = 'chatgroup-gateway; fwd=miss; stored';
export const BYPASS = 'chatgroup-gateway; fwd=bypass';
export const HIT = /^chatgroup-gateway; hit; ttl=\d+$/;
export const STALE = /^chatgroup-gateway; hit; ttl=-\d+$/;
