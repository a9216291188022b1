import type { SandboxControl } from '../support/sandbox-control.js';
import { GROUPS_PER_SCOPE, SCOPES, SPACE } from './settings.js';

/** A group whose subject tells how often it was written: `s1g2w17`. */
export interface Group {
  readonly id: string;
  readonly scope: Scope;
  readonly name: string;
}

export interface Scope {
  readonly businessNumber: string;
  readonly path: string;
  readonly groups: Group[];
}

/** Makes them in the sandbox, each written 0 times. */
export async function createScopes(sandbox: SandboxControl): Promise<Scope[]> {
  await sandbox.reset();
  const scopes = Array.from({ length: SCOPES }, (_, index): Scope => {
    const businessNumber = `86137${String(index).padStart(8, '0')}`;
    return { businessNumber, path: `/v1/spaces/${SPACE}/numbers/${businessNumber}/groups`, groups: [] };
  });
  for (const [index, scope] of scopes.entries()) {
    for (let number = 0; number < GROUPS_PER_SCOPE; number++) {
      const name = `s${index}g${number}`;
      const { groupId } = await sandbox.changeGroup({
        op: 'create',
        custSpaceId: SPACE,
        businessNumber: scope.businessNumber,
        subject: subjectOf(name, 0),
      });
      scope.groups.push({ id: groupId, scope, name });
    }
  }
  return scopes;
}

export function subjectOf(name: string, write: number): string {
  return `${name}w${write}`;
}

/** The write that a subject is of. */
export function writeOf(subject: unknown): number {
  return Number(/w(\d+)$/.exec(String(subject))?.[1] ?? Number.NaN);
}

/** What each group of the scope is upstream at this moment. */
export async function writesNow(sandbox: SandboxControl, scope: Scope): Promise<ReadonlyMap<string, number>> {
  const groups = await sandbox.groups({ custSpaceId: SPACE, businessNumber: scope.businessNumber });
  return new Map(groups.map(({ groupId, subject }) => [groupId, writeOf(subject)]));
}
