import type { CamsAction, CamsChatGroup } from '../cams/wire.js';
import type { SandboxAccount } from './account.js';
import { newUniqueCode } from './ids.js';
import type { Group, GroupChange } from './group.js';
import {
  checkDescription,
  checkPicture,
  checkSubject,
  readPage,
  readParticipants,
  readScope,
  readStatus,
  text,
  type Parameters,
} from './parameters.js';
import { invalid } from './refusal.js';

/**
 * Validates the parameters, executes the operation and returns its result fields. Throws a `Refusal`.
 * Expects the required parameters to be present: see `checkRequired`.
 */
type Operation = (parameters: Parameters, account: SandboxAccount) => Record<string, unknown>;

/**
 * The eight operations on chat groups. As in the real upstream, nothing ties a `GroupId` to the space and number sent
 * with it, so an operation accepts any group id of the account.
 */
export const OPERATIONS: Readonly<Record<CamsAction, Operation>> = {
  AddChatGroup(parameters, account) {
    const scope = readScope(parameters);
    const { limits, unlistedMs, creatingMs } = account.behaviour;
    const subject = checkSubject(text(parameters, 'Subject'), limits);
    const description = optional(parameters, 'Description', (value) => checkDescription(value, limits));
    if (account.groups.count(scope.custSpaceId, scope.businessNumber) >= limits.groupsPerNumber) {
      throw invalid('GroupCountLimit', `A number has at most ${limits.groupsPerNumber} groups.`);
    }
    const listedAt = account.clock() + unlistedMs;
    const groupLink = parameters.get('GroupLink') || undefined;
    account.create({
      ...scope,
      subject,
      description,
      groupLink,
      listedAt,
      activeAt: listedAt + creatingMs,
    });
    return { UniqueCode: newUniqueCode() };
  },

  UpdateChatGroup(parameters, account) {
    readScope(parameters);
    const id = text(parameters, 'GroupId');
    const { limits } = account.behaviour;
    const subject = optional(parameters, 'Subject', (value) => checkSubject(value, limits));
    const description = optional(parameters, 'Description', (value) => checkDescription(value, limits));
    const profilePictureFile = optional(parameters, 'ProfilePictureFile', checkPicture);
    const change: GroupChange = {
      ...(subject !== undefined && { subject }),
      ...(description !== undefined && { description }),
      ...(profilePictureFile !== undefined && { profilePictureFile }),
    };
    return { Result: rows(account.groups.change(id, change)) };
  },

  DeleteChatGroup(parameters, account) {
    readScope(parameters);
    return { Result: rows(account.groups.delete(text(parameters, 'GroupId'))) };
  },

  AddChatGroupInviteLink(parameters, account) {
    readScope(parameters);
    const group = account.renewInviteLink(text(parameters, 'GroupId'));
    if (group === undefined) throw invalid('GroupNotExist', 'The group does not exist.');
    return { InviteLink: group.inviteLink };
  },

  DeleteChatGroupInviteLink(parameters, account) {
    readScope(parameters);
    const id = text(parameters, 'GroupId');
    const linked = account.groups.get(id)?.inviteLink !== undefined;
    return { Result: linked ? rows(account.groups.change(id, { inviteLink: undefined })) : 0 };
  },

  ListChatGroup(parameters, account) {
    const { custSpaceId, businessNumber } = readScope(parameters);
    const page = readPage(parameters, account.behaviour.limits);
    const status = readStatus(parameters);
    const subject = parameters.get('Subject') ?? '';
    const exact = { groupType: parameters.get('GroupType'), groupLink: parameters.get('GroupLink') };
    const groups = account.groups
      .listed(custSpaceId, businessNumber)
      .filter(
        (group) =>
          (status === undefined || group.status === status) &&
          group.subject.includes(subject) &&
          (!exact.groupType || group.groupType === exact.groupType) &&
          (!exact.groupLink || group.groupLink === exact.groupLink),
      );
    return { Data: { Total: groups.length, List: slice(groups, page).map(item) } };
  },

  ListChatGroupParticipants(parameters, account) {
    readScope(parameters);
    const id = text(parameters, 'GroupId');
    const page = readPage(parameters, account.behaviour.limits);
    const numbers = account.groups.seen(id)?.participants ?? [];
    const list = slice(numbers, page).map((number) => ({ ParticipantNumber: number }));
    return { Data: { Total: numbers.length, List: list } };
  },

  DeleteChatGroupParticipants(parameters, account) {
    readScope(parameters);
    const id = text(parameters, 'GroupId');
    return {
      Result: account.removeParticipants(id, readParticipants(parameters, account.behaviour.limits)),
    };
  },
};

export function isAction(text: string): text is CamsAction {
  return Object.hasOwn(OPERATIONS, text);
}

/** Returns a group in the form of the newer responses. Unset fields are omitted. */
export function item(group: Group): CamsChatGroup & Record<string, unknown> {
  return {
    GroupId: group.id,
    Subject: group.subject,
    Description: group.description,
    BusinessNumber: group.businessNumber,
    InviteLink: group.inviteLink,
    GroupStatus: group.status,
    ProfilePictureFile: group.profilePictureFile,
    TotalParticipantCount: group.participants.length,
    BusinessRole: group.businessRole,
    GroupType: group.groupType,
    GroupLink: group.groupLink,
    // A number in all of the vendor's SDKs; the unit is not documented.
    GmtModifier: group.modifiedAt,
  };
}

function optional(
  parameters: Parameters,
  name: string,
  check: (value: string) => string,
): string | undefined {
  const value = parameters.get(name);
  return value === undefined ? undefined : check(value);
}

function rows(group: Group | undefined): number {
  return group === undefined ? 0 : 1;
}

function slice<T>(items: readonly T[], { Index, Size }: { Index: number; Size: number }): T[] {
  return items.slice((Index - 1) * Size, Index * Size);
}
