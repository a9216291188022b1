import { type ChatGroup, GatewayProblem, Partner } from './partner.ts';
import { SETTINGS } from './settings.ts';

const partner = new Partner(SETTINGS);
try {
  const groups: ChatGroup[] = [];
  for await (const group of partner.groups()) groups.push(group);
  console.log(`${groups.length} groups`);

  // A real system stores the key with its order, so that a retry after a crash uses the same one.
  const group = await partner.create('Partner example', crypto.randomUUID(), { wait: false });
  console.log(`created ${group.groupId}: ${group.subject}`);
  await partner.delete(group.groupId);
  console.log(`deleted ${group.groupId}`);

  const crowded = groups.find(({ participantCount }) => (participantCount ?? 0) > 1);
  const [member] = crowded ? await partner.phoneNumbers(crowded.groupId) : [];
  if (crowded && member !== undefined) {
    const removed = await partner.removeMember(crowded.groupId, member);
    console.log(removed ? `removed a member of ${crowded.groupId}` : 'the member had already left');
  }

  await partner.create('', crypto.randomUUID());
} catch (error) {
  if (!(error instanceof GatewayProblem)) throw error;
  console.log(`refused as expected: ${error.message}`);
  for (const { field, message } of error.problem.violations ?? []) console.log(`  ${field} ${message}`);
}
