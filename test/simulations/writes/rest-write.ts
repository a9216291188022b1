import { call } from './http.js';
import { MEMBERS, type Write } from './plan.js';
import { SPACE } from './settings.js';
import { failed, NO_ANSWER, type ClientOutcome } from './client-outcome.js';

type Wanted = readonly [method: string, path: string, body?: Readonly<Record<string, unknown>>];

/** Sends a write over REST. */
export async function overRest(url: string, write: Write): Promise<ClientOutcome> {
  const [method, path, body] = wanted(write);
  const groups = `${url}/v1/spaces/${SPACE}/numbers/${write.businessNumber}/groups`;
  const answer = await call(groups + path, method, body, { 'idempotency-key': write.idempotencyKey });
  if (!answer) return NO_ANSWER;
  const { status, replayed } = answer;
  const shown = (answer.body ?? {}) as Shown;
  if (status >= 300) {
    const { code = `status ${status}`, retryable = false, operationId, detail } = shown;
    return failed(code, retryable, replayed, { operationId, detail });
  }
  const outcome = { code: `${status}`, retryable: false, replayed };
  if (write.kind !== 'create') return { ...outcome, kind: 'done', link: shown.inviteLink };
  if (status === 202)
    return {
      ...outcome,
      kind: shown.status === 'UNRESOLVED' ? 'unresolved' : 'pending',
      operationId: shown.id,
    };
  const linkFailed = shown.inviteLinkError !== undefined;
  return { ...outcome, kind: 'done', groupId: shown.groupId, link: shown.inviteLink, linkFailed };
}

interface Shown {
  readonly code?: string;
  readonly detail?: string;
  readonly operationId?: string;
  readonly retryable?: boolean;
  readonly id?: string;
  readonly status?: string;
  readonly groupId?: string;
  readonly inviteLink?: string | null;
  readonly inviteLinkError?: unknown;
}

function wanted({ kind, mark, groupId, withInviteLink, ...write }: Write): Wanted {
  const path = `/${groupId}`;
  switch (kind) {
    case 'create':
      return ['POST', '', { subject: mark, withInviteLink }];
    case 'update':
      return ['PATCH', path, { [fieldOf(write)]: mark }];
    case 'delete':
      return ['DELETE', path];
    case 'remove':
      return ['POST', `${path}/participants/remove`, { phoneNumbers: MEMBERS.slice(0, 2) }];
    case 'link':
      return ['POST', `${path}/invite-link`];
    case 'unlink':
      return ['DELETE', `${path}/invite-link`];
  }
}

/** Returns the field that an update changes. */
export function fieldOf({ n, shared }: Pick<Write, 'n' | 'shared'>): 'subject' | 'description' {
  return n % 5 === 0 && !shared ? 'subject' : 'description';
}
