import type { Kind, Write } from './plan.js';

/** The CAMS call of each kind of write. */
export const ACTIONS: Readonly<Record<Kind, string>> = {
  create: 'AddChatGroup',
  update: 'UpdateChatGroup',
  delete: 'DeleteChatGroup',
  remove: 'DeleteChatGroupParticipants',
  link: 'AddChatGroupInviteLink',
  unlink: 'DeleteChatGroupInviteLink',
};

/** Finds the write that an upstream call belongs to, by the mark in it or by its group. */
export class CallIndex {
  readonly #byMark = new Map<string, Write>();
  readonly #byGroup = new Map<string, Write>();

  constructor(writes: readonly Write[]) {
    for (const write of writes) {
      const { kind, mark, groupId } = write;
      if (kind === 'create' || kind === 'update') this.#byMark.set(`${ACTIONS[kind]} ${mark}`, write);
      else this.#byGroup.set(`${ACTIONS[kind]} ${groupId}`, write);
    }
  }

  writeOf(action: string, parameters: { get(name: string): string | null }): Write | undefined {
    const mark = parameters.get('Subject') ?? parameters.get('Description');
    return (
      this.#byMark.get(`${action} ${mark}`) ?? this.#byGroup.get(`${action} ${parameters.get('GroupId')}`)
    );
  }
}
