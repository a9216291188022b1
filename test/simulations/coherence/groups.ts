import type { SandboxControl } from '../../support/sandbox-control.js';
import { GROUPS_PER_SCOPE, MEMBERS_PER_GROUP, SCOPES, SPACE } from './settings.js';

/** A group whose subject contains the number of its last write: `s1g2w17`. */
export interface Group {
  readonly scope: Scope;
  readonly name: string;
  /** Created during the run, and possibly deleted. */
  readonly passing: boolean;
  /** `undefined` from when the create request is sent until it gets a response or the group is found upstream. */
  id: string | undefined;
}

export interface Scope {
  readonly name: string;
  readonly businessNumber: string;
  readonly path: string;
  /** All groups ever created, by name. */
  readonly groups: Map<string, Group>;
}

/** A group upstream. */
export interface Upstream {
  readonly id: string;
  readonly write: number;
  readonly members: readonly string[];
}

const SUBJECT = /^(s\d+[gt]\d+)w(\d+)$/;
let lastNumber = 0;

/** Creates the scopes and their groups in the sandbox, each group at write 0. */
export async function createScopes(
  sandbox: SandboxControl,
): Promise<{ scopes: Scope[]; membersOf: ReadonlyMap<Group, readonly string[]> }> {
  await sandbox.reset();
  const scopes = Array.from({ length: SCOPES }, (_, index): Scope => {
    const businessNumber = `86137${String(index).padStart(8, '0')}`;
    const path = `/v1/spaces/${SPACE}/numbers/${businessNumber}/groups`;
    return { name: `s${index}`, businessNumber, path, groups: new Map() };
  });
  const membersOf = new Map<Group, readonly string[]>();
  for (const scope of scopes) {
    for (let number = 0; number < GROUPS_PER_SCOPE; number++) {
      const name = `${scope.name}g${number}`;
      const participants = newNumbers();
      const { groupId } = await sandbox.changeGroup({
        op: 'create',
        custSpaceId: SPACE,
        businessNumber: scope.businessNumber,
        subject: subjectOf(name, 0),
        participants,
      });
      const group = { id: groupId, scope, name, passing: false };
      scope.groups.set(name, group);
      membersOf.set(group, participants);
    }
  }
  return { scopes, membersOf };
}

/** Returns unused phone numbers for the members of one group. */
export function newNumbers(): string[] {
  return Array.from({ length: MEMBERS_PER_GROUP }, () => `8615${String(++lastNumber).padStart(9, '0')}`);
}

export function subjectOf(name: string, write: number): string {
  return `${name}w${write}`;
}

/** Returns the group and the write that a subject belongs to; `undefined` if no writer wrote it. */
export function writeOf({ groups }: Scope, subject: unknown): { group: Group; write: number } | undefined {
  const [, name = '', write] = SUBJECT.exec(String(subject)) ?? [];
  const group = groups.get(name);
  return group && { group, write: Number(write) };
}

/** Returns the group's current instances upstream: none, one, or several if a create request was sent twice. */
export async function upstreamNow(sandbox: SandboxControl, group: Group): Promise<Upstream[]> {
  const { scope } = group;
  const rows = await sandbox.groups({ custSpaceId: SPACE, businessNumber: scope.businessNumber });
  return rows.flatMap(({ groupId, subject, participants }) => {
    const written = writeOf(scope, subject);
    return written?.group === group ? [{ id: groupId, write: written.write, members: participants }] : [];
  });
}
