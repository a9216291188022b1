import type { SandboxControl } from '../../support/sandbox-control.js';
import { GROUPS_PER_SCOPE, MEMBERS_PER_GROUP, SCOPES, SPACE } from './settings.js';

/** A group whose subject tells how often it was written: `s1g2w17`. */
export interface Group {
  readonly scope: Scope;
  readonly name: string;
  /** Made during the run, and deleted some time. */
  readonly passing: boolean;
  /** Unknown from when its create is sent until that is answered, or the group is found upstream. */
  id: string | undefined;
}

export interface Scope {
  readonly name: string;
  readonly businessNumber: string;
  readonly path: string;
  /** Every group that it ever had, by name. */
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

/** Makes them in the sandbox, each written 0 times; `joined` is told of members. */
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

/** Phone numbers for one group, that nobody had before. */
export function newNumbers(): string[] {
  return Array.from({ length: MEMBERS_PER_GROUP }, () => `8615${String(++lastNumber).padStart(9, '0')}`);
}

export function subjectOf(name: string, write: number): string {
  return `${name}w${write}`;
}

/** The group and the write that a subject is of; `undefined` for one that nobody wrote. */
export function writeOf({ groups }: Scope, subject: unknown): { group: Group; write: number } | undefined {
  const [, name = '', write] = SUBJECT.exec(String(subject)) ?? [];
  const group = groups.get(name);
  return group && { group, write: Number(write) };
}

/** What there is of a group upstream at this moment: nothing, itself, or, after a create that was sent twice, more. */
export async function upstreamNow(sandbox: SandboxControl, group: Group): Promise<Upstream[]> {
  const { scope } = group;
  const rows = await sandbox.groups({ custSpaceId: SPACE, businessNumber: scope.businessNumber });
  return rows.flatMap(({ groupId, subject, participants }) => {
    const written = writeOf(scope, subject);
    return written?.group === group ? [{ id: groupId, write: written.write, members: participants }] : [];
  });
}
