import { randomUUID } from 'node:crypto';
import type { Client, CombinedError } from '@urql/core';
import { CREATE, DELETE, type Group, LIST, type ListData, OPERATION, UPDATE } from './documents.ts';

const POLL_MS = 1_000;

/** Returns all groups of a number. With graphcache, each page that is loaded is appended to the ones before. */
export async function listGroups(client: Client, businessNumber: string): Promise<readonly Group[]> {
  let after: string | null = null;
  for (;;) {
    const { chatGroups }: ListData = dataOf(await client.query(LIST, { businessNumber, after }));
    if (!chatGroups.pageInfo.hasNextPage) return chatGroups.edges.map(({ node }) => node);
    after = chatGroups.pageInfo.endCursor;
  }
}

/** Creates a group and waits until CAMS lists it. Returns `null` if that does not happen within the operation's 24 hours. */
export async function createGroup(client: Client, businessNumber: string, subject: string) {
  const input = { businessNumber, subject, idempotencyKey: randomUUID() };
  const { chatGroup, operation } = dataOf(await client.mutation(CREATE, { input })).createChatGroup;
  return chatGroup ?? waitForGroup(client, operation.id);
}

/** Polls a create operation until it has ended. */
async function waitForGroup(client: Client, id: string): Promise<Group | null> {
  for (;;) {
    const result = await client.query(OPERATION, { id }, { requestPolicy: 'network-only' });
    const { operation } = dataOf(result);
    if (operation?.status !== 'PENDING') return operation?.chatGroup ?? null;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Deletes a group. It cannot be recovered. */
export async function deleteGroup(client: Client, id: string): Promise<void> {
  dataOf(await client.mutation(DELETE, { input: { id, idempotencyKey: randomUUID() } }));
}

/** Renames a group, unless somebody has changed it since it was read. */
export async function renameGroup(client: Client, { id, etag }: Group, subject: string) {
  const input = { id, subject, ifMatch: etag, idempotencyKey: randomUUID() };
  return dataOf(await client.mutation(UPDATE, { input })).updateChatGroup.chatGroup;
}

/** Throws the error of a result; `graphQLErrors[0].extensions.code` says what is wrong. */
function dataOf<Data>({ data, error }: { data?: Data; error?: CombinedError }): Data {
  if (error) throw error;
  if (data === undefined) throw new Error('The gateway returned no data');
  return data;
}
