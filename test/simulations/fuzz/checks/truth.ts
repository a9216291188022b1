import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxControl } from '../../../support/sandbox-control.js';
import type { RunTenant } from '../../tenants.js';
import type { StageGateway } from '../stage.js';

interface ListedGroup {
  readonly groupId: string;
  readonly subject: string | null;
  readonly description: string | null;
  readonly participantCount: number | null;
}

const SETTLES_MS = 15_000;
const AGAIN_MS = 250;

/** What CAMS holds, in the form of {@link listed}. */
export async function held(
  sandbox: SandboxControl,
  { custSpaceId }: RunTenant,
  businessNumber: string,
): Promise<string> {
  const groups = await sandbox.groups({ custSpaceId, businessNumber });
  return text(
    groups.map(({ groupId, subject, description, participants }) => ({
      groupId,
      subject,
      description: description ?? null,
      participantCount: participants.length,
    })),
  );
}

/** What a gateway shows: the groups, sorted, as text; `undefined` if it refused. */
export async function listed(
  { url }: StageGateway,
  { custSpaceId, apiKey }: RunTenant,
  businessNumber: string,
): Promise<string | undefined> {
  const path = `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups?size=100`;
  const response = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${apiKey}` } });
  const body = (await response.json()) as { data: ListedGroup[] };
  if (!response.ok) return undefined;
  return text(
    body.data.map(({ groupId, subject, description, participantCount }) => ({
      groupId,
      subject,
      description,
      participantCount,
    })),
  );
}

/** Waits until the gateway lists what CAMS holds; returns the difference if it never does. */
export async function neverTrue(
  sandbox: SandboxControl,
  gateway: StageGateway,
  tenant: RunTenant,
  businessNumber: string,
): Promise<string | undefined> {
  for (const end = performance.now() + SETTLES_MS; ; await sleep(AGAIN_MS)) {
    const [truth, shown] = [
      await held(sandbox, tenant, businessNumber),
      await listed(gateway, tenant, businessNumber),
    ];
    if (truth === shown) return undefined;
    if (performance.now() > end) return difference(truth, shown);
  }
}

/** Describes the first rows that differ. */
export function difference(truth: string, shown: string | undefined): string {
  if (shown === undefined) return 'the list was refused';
  const [right, wrong] = [new Set(truth.split('\n')), new Set(shown.split('\n'))];
  const missing = [...right].filter((row) => !wrong.has(row));
  const more = [...wrong].filter((row) => !right.has(row));
  return `CAMS holds ${missing.slice(0, 3).join(' ')}; shown is ${more.slice(0, 3).join(' ')}`;
}

function text(groups: readonly ListedGroup[]): string {
  return groups
    .map((group) => JSON.stringify(group))
    .toSorted()
    .join('\n');
}
