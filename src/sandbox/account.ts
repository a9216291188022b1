import { groupIdFrom, inviteLinkFrom } from './ids.js';
import type { Group, GroupChange } from './group.js';
import { GroupStore } from './group-store.js';
import { includesNumber } from './numbers.js';
import { seedGroups } from './seed.js';
import { behaviourOf, type Behaviour, type SandboxSettings } from './settings.js';

/** A group to create. It is listed immediately unless `listedAt` says otherwise. */
export interface CreateGroupRequest extends GroupChange {
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly subject: string;
  readonly listedAt?: number;
  readonly activeAt?: number;
}

/** The single account that all calls share: its groups and how the upstream behaves for it. */
export class SandboxAccount {
  readonly groups: GroupStore;
  readonly behaviour: Behaviour;
  isTokenExpired = false;

  constructor(
    private readonly settings: SandboxSettings,
    readonly clock: () => number,
  ) {
    this.behaviour = behaviourOf(settings);
    this.groups = new GroupStore(clock, () => this.behaviour.listLagMs);
    this.reset();
  }

  /** Restores the seed groups, the initial behaviour and a valid token. */
  reset(): void {
    this.isTokenExpired = false;
    Object.assign(this.behaviour, behaviourOf(this.settings));
    this.groups.clear();
    for (const group of seedGroups()) this.groups.add(group, 0);
  }

  /** The time by which requests are judged and responses are dated. Groups and lists go by {@link clock} alone. */
  get protocolTime(): number {
    return this.clock() + this.behaviour.clockOffsetMs;
  }

  create(group: CreateGroupRequest): Group {
    const now = this.clock();
    return this.groups.add({
      id: groupIdFrom(),
      status: 'ACTIVE',
      businessRole: 'ADMIN',
      participants: [],
      removed: [],
      modifiedAt: now,
      listedAt: now,
      activeAt: now,
      ...group,
    });
  }

  /** Replaces the invite link; the previous one becomes invalid. */
  renewInviteLink(id: string): Group | undefined {
    return this.groups.change(id, { inviteLink: inviteLinkFrom() });
  }

  /** Removes members and returns how many were removed. They cannot rejoin by link. */
  removeParticipants(id: string, numbers: readonly string[]): number {
    const group = this.groups.get(id);
    const leaving = group?.participants.filter((number) => includesNumber(numbers, number)) ?? [];
    if (group === undefined || leaving.length === 0) return 0;
    this.groups.change(id, {
      participants: group.participants.filter((number) => !leaving.includes(number)),
      removed: [...group.removed, ...leaving],
    });
    return leaving.length;
  }
}
