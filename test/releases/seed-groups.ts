import { MEMBER, type Target } from '../support/operations.js';
import type { SandboxControl, SandboxGroup } from '../support/sandbox-control.js';
import { OTHER_MEMBER } from '../support/keyed-writes.js';
import { ACME, GLOBEX } from './stage.js';

type Scope = Pick<Target, 'custSpaceId' | 'businessNumber'>;
type Seeded = ReadonlyMap<string, SandboxGroup>;

/** The demo groups of a new sandbox. They have the same IDs in every sandbox, so that records of them can be read there. */
export class SeedGroups {
  readonly #unused: SandboxGroup[];

  private constructor(
    private readonly sandbox: SandboxControl,
    private readonly before: Seeded,
    private readonly scope: Scope,
  ) {
    this.#unused = [...before.values()].filter(
      ({ status, businessNumber }) => status === 'ACTIVE' && businessNumber === scope.businessNumber,
    );
  }

  static async of(sandbox: SandboxControl, scope: Scope = ACME): Promise<SeedGroups> {
    return new SeedGroups(sandbox, await groupsOf(sandbox), scope);
  }

  /** Returns the next group, with a new link and two members. */
  async next(subject: string): Promise<Target> {
    const target = this.#take(subject, () => true);
    const participants = [MEMBER, OTHER_MEMBER];
    const change = { op: 'update', groupId: target.groupId, inviteLink: true, participants };
    await this.sandbox.changeGroup(change);
    return target;
  }

  /** Returns the next group that has a link in every sandbox, unchanged. */
  nextWithSameLink(subject: string): Target {
    return this.#take(subject, ({ inviteLink }) => inviteLink !== null);
  }

  #take(subject: string, fits: (group: SandboxGroup) => boolean): Target {
    const index = this.#unused.findIndex(fits);
    const [group] = index === -1 ? [] : this.#unused.splice(index, 1);
    if (!group) throw new Error('The sandbox has too few groups.');
    return { ...this.scope, groupId: group.groupId, subject };
  }

  /** Returns the controls that make the same changes to the demo groups of a new sandbox. New links differ. */
  async changes(): Promise<Record<string, unknown>[]> {
    const now = await groupsOf(this.sandbox);
    return [...this.before.values()].flatMap((before) => {
      const { groupId } = before;
      const group = now.get(groupId);
      if (!group) return [{ op: 'delete', groupId }];
      const changed = changesOf(before, group);
      return Object.keys(changed).length === 0 ? [] : [{ op: 'update', groupId, ...changed }];
    });
  }
}

const FIELDS = ['subject', 'description', 'status', 'participants'] as const;

function changesOf(before: SandboxGroup, now: SandboxGroup): Record<string, unknown> {
  const changed = FIELDS.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
  return {
    ...Object.fromEntries(changed.map((name) => [name, now[name]])),
    ...(before.inviteLink !== now.inviteLink && { inviteLink: now.inviteLink ? true : null }),
  };
}

async function groupsOf(sandbox: SandboxControl): Promise<Seeded> {
  const groups = [...(await sandbox.groups(ACME)), ...(await sandbox.groups(GLOBEX))];
  return new Map(groups.map((group) => [group.groupId, group]));
}
