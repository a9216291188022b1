import type { SandboxControl } from '../../support/sandbox-control.js';
import { MEMBERS, type Write } from './plan.js';
import { SPACE } from './settings.js';

const AT_ONCE = 50;

/** Creates the groups of the writes: one for each write, and one for all shared updates of a number. */
export async function makeGroups(sandbox: SandboxControl, writes: readonly Write[]): Promise<void> {
  await sandbox.reset();
  const shared = new Map<string, Promise<string>>();
  const rest = writes.filter(({ kind }) => kind !== 'create');
  while (rest.length > 0) {
    await Promise.all(
      rest.splice(0, AT_ONCE).map(async (write) => {
        const { businessNumber } = write;
        const made = (write.shared && shared.get(businessNumber)) || makeGroup(sandbox, write);
        if (write.shared) shared.set(businessNumber, made);
        write.groupId = await made;
      }),
    );
  }
}

async function makeGroup(sandbox: SandboxControl, { n, kind, businessNumber }: Write): Promise<string> {
  const { groupId } = await sandbox.changeGroup({
    op: 'create',
    custSpaceId: SPACE,
    businessNumber,
    subject: `group ${n}`,
    description: 'as it was',
    ...(kind === 'remove' && { participants: [...MEMBERS] }),
    ...(kind === 'unlink' && { inviteLink: true }),
  });
  return groupId;
}
