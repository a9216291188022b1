import type { SandboxAccount } from './account.js';
import { ControlError, ControlInput } from './control-input.js';
import type { Group, GroupChange } from './group.js';
import { inviteLinkFrom } from './ids.js';
import { includesNumber, sameNumber } from './numbers.js';

type View = Record<string, unknown>;

/** The texts that `null` clears. */
const CLEARABLE = ['description', 'profilePictureFile', 'groupType', 'groupLink', 'businessRole'] as const;

/** Returns a group as the controls show it: its current state, regardless of what lists show. */
export function view(group: Group): View {
  return {
    groupId: group.id,
    custSpaceId: group.custSpaceId,
    businessNumber: group.businessNumber,
    subject: group.subject,
    description: group.description,
    status: group.status,
    inviteLink: group.inviteLink,
    profilePictureFile: group.profilePictureFile,
    groupType: group.groupType,
    groupLink: group.groupLink,
    businessRole: group.businessRole,
    participants: group.participants,
    removed: group.removed,
    modifiedAt: new Date(group.modifiedAt).toISOString(),
  };
}

/**
 * Simulates a change made outside the gateway, in Meta's app or in the console. `op` is `create`, `update` or `delete`.
 * Lists show the change after the list lag. `null` clears a field; `inviteLink: true` creates a new link.
 */
export function changeGroups(body: string, account: SandboxAccount): View {
  const input = new ControlInput(body, [
    'op',
    'custSpaceId',
    'businessNumber',
    'groupId',
    'subject',
    'status',
    ...CLEARABLE,
    'inviteLink',
    'participants',
    'count',
  ]);
  switch (input.oneOf('op', ['create', 'update', 'delete'])) {
    case 'create':
      return createGroups(input, account);
    case 'update':
      return {
        group: view(existing(account.groups.change(input.requiredText('groupId'), readChange(input)))),
      };
    case 'delete':
      return { group: view(existing(account.groups.delete(input.requiredText('groupId')))) };
    default:
      throw new ControlError(400, 'op is required: create, update or delete.');
  }
}

/** Simulates a member joining by the invite link or leaving. `op` is `join` or `leave`; `phoneNumber` is any id. */
export function changeMembers(body: string, account: SandboxAccount): View {
  const input = new ControlInput(body, ['op', 'groupId', 'phoneNumber']);
  const op = input.oneOf('op', ['join', 'leave']);
  if (op === undefined) throw new ControlError(400, 'op is required: join or leave.');
  const id = input.requiredText('groupId');
  const phoneNumber = input.requiredText('phoneNumber');
  const group = existing(account.groups.get(id));
  const others = group.participants.filter((number) => !sameNumber(number, phoneNumber));
  if (op === 'leave') {
    if (others.length === group.participants.length)
      throw new ControlError(404, `${phoneNumber} is not a member.`);
    return { group: view(existing(account.groups.change(id, { participants: others }))) };
  }
  if (others.length < group.participants.length) return { group: view(group) };
  if (group.inviteLink === undefined) {
    throw new ControlError(409, 'Members can only join by link, and the group has no link.');
  }
  if (includesNumber(group.removed, phoneNumber)) {
    throw new ControlError(409, `${phoneNumber} was removed and cannot rejoin by link.`);
  }
  if (others.length >= account.behaviour.limits.membersPerGroup) {
    throw new ControlError(409, `The group is full: ${others.length} members.`);
  }
  return { group: view(existing(account.groups.change(id, { participants: [...others, phoneNumber] }))) };
}

function createGroups(input: ControlInput, account: SandboxAccount): View {
  const custSpaceId = input.requiredText('custSpaceId');
  const businessNumber = input.requiredText('businessNumber');
  const subject = input.requiredText('subject');
  const count = input.integer('count', 1, 10_000);
  const change = readChange(input);
  const groups = Array.from({ length: count ?? 1 }, (_, index) =>
    account.create({
      ...change,
      custSpaceId,
      businessNumber,
      subject: count === undefined ? subject : `${subject} ${index + 1}`,
    }),
  );
  const [first] = groups;
  return {
    group: view(existing(first)),
    ...(count !== undefined && { groupIds: groups.map(({ id }) => id) }),
  };
}

function readChange(input: ControlInput): GroupChange {
  const subject = input.text('subject');
  const status = input.text('status');
  const participants = input.texts('participants');
  return {
    ...(subject !== undefined && { subject }),
    ...(status !== undefined && { status }),
    ...(participants !== undefined && { participants }),
    ...Object.fromEntries(
      CLEARABLE.filter((name) => input.has(name)).map((name) => [name, input.textOrNull(name) ?? undefined]),
    ),
    ...(input.has('inviteLink') && { inviteLink: readLink(input) }),
  };
}

function readLink(input: ControlInput): string | undefined {
  const wanted = input.isNull('inviteLink') ? false : input.flag('inviteLink');
  return wanted === true ? inviteLinkFrom() : undefined;
}

function existing(group: Group | undefined): Group {
  if (group !== undefined) return group;
  throw new ControlError(404, 'The group does not exist.');
}
