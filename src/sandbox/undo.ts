import type { CamsAction } from '../cams/wire.js';
import type { SandboxAccount } from './account.js';
import type { Group, GroupChange } from './group.js';
import { includesNumber } from './numbers.js';
import { readScope, text, type Parameters } from './parameters.js';

/** The parameters of `UpdateChatGroup` that can be undone one by one, and the fields that they set. */
const FIELDS = {
  Subject: 'subject',
  Description: 'description',
  ProfilePictureFile: 'profilePictureFile',
} as const;
export const UNDOABLE_FIELDS = Object.keys(FIELDS);

/** Which part of a write to undo. If absent, all of it. */
export interface UndoSelection {
  /** Parameters of `UpdateChatGroup`, in any case. */
  readonly fields?: readonly string[] | undefined;
  /** Members whose removal to undo. */
  readonly members?: readonly string[] | undefined;
}

/**
 * Executes a write; returns its result and a function that undoes it, except for what was changed again in between.
 * Meta accepts writes before it carries them out, and some fail then, in whole or in part.
 */
export function executeUndoably<T>(
  action: CamsAction,
  parameters: Parameters,
  account: SandboxAccount,
  selection: UndoSelection,
  execute: () => T,
): { readonly result: T; readonly undo: () => unknown } {
  const { groups } = account;
  const id = text(parameters, 'GroupId');
  const before = groups.get(id);
  const nextIds = before === undefined ? [] : groups.idsAfter(before);
  const result = execute();
  if (action === 'AddChatGroup') {
    const created = newest(parameters, account);
    return { result, undo: () => groups.delete(created?.id ?? '') };
  }
  if (before === undefined) return { result, undo: () => undefined };
  if (action === 'DeleteChatGroup') return { result, undo: () => groups.restore(before, nextIds) };
  const after = groups.get(id) ?? before;
  return {
    result,
    undo() {
      const now = groups.get(id);
      const change = now && reversal(action, parameters, { before, after, now }, selection);
      if (change && Object.keys(change).length > 0) groups.change(id, change);
    },
  };
}

function newest(parameters: Parameters, { groups }: SandboxAccount): Group | undefined {
  const { custSpaceId, businessNumber } = readScope(parameters);
  return groups.all(custSpaceId, businessNumber).at(-1);
}

/** A group before and after the write that is undone, and as it is now. */
interface States {
  readonly before: Group;
  readonly after: Group;
  readonly now: Group;
}

function reversal(
  action: CamsAction,
  parameters: Parameters,
  states: States,
  { fields, members }: UndoSelection,
): GroupChange {
  if (action === 'DeleteChatGroupParticipants') return membersBack(states, members);
  if (action !== 'UpdateChatGroup') return oldValues(['inviteLink'], states);
  const set = Object.entries(FIELDS)
    .filter(([parameter]) => parameters.has(parameter) && isSelected(parameter, fields))
    .map(([, field]) => field);
  return oldValues(set, states);
}

function isSelected(parameter: string, fields: readonly string[] | undefined): boolean {
  return fields?.some((field) => field.toLowerCase() === parameter.toLowerCase()) ?? true;
}

/** Returns the old values of the fields that still have the value that the write gave them. */
function oldValues(
  fields: readonly ('subject' | 'description' | 'profilePictureFile' | 'inviteLink')[],
  { before, after, now }: States,
): GroupChange {
  const toUndo = fields.filter((field) => now[field] === after[field] && after[field] !== before[field]);
  return Object.fromEntries(toUndo.map((field) => [field, before[field]]));
}

/** Returns the members with the removed ones back, each at its old place. */
function membersBack({ before, after, now }: States, members: readonly string[] | undefined): GroupChange {
  const back = before.participants.filter(
    (id) => !includesNumber(after.participants, id) && (!members || includesNumber(members, id)),
  );
  if (back.length === 0) return {};
  const participants = [...now.participants];
  // Last first, so that a member who returns finds the ones that follow.
  for (const id of back.toReversed()) {
    if (includesNumber(participants, id)) continue;
    const next = before.participants.slice(before.participants.indexOf(id) + 1);
    const place = participants.findIndex((other) => includesNumber(next, other));
    participants.splice(place < 0 ? participants.length : place, 0, id);
  }
  return { participants, removed: now.removed.filter((id) => !includesNumber(back, id)) };
}
