import { createClient } from './client.ts';
import { createGroup, listGroups, renameGroup } from './groups.ts';

const BUSINESS_NUMBER = '8613800000001';

const client = createClient({
  gatewayUrl: process.env.GATEWAY_URL ?? 'http://127.0.0.1:3000',
  // The public key of the sandbox's demo tenant.
  apiKey: process.env.API_KEY ?? `cgk_acme.${'A'.repeat(43)}`,
});

console.log(`${(await listGroups(client, BUSINESS_NUMBER)).length} groups`);

const created = await createGroup(client, BUSINESS_NUMBER, `Kyoto in May ${Date.now()}`);
if (created === null) {
  console.log('The new group is not listed yet.');
} else {
  console.log(`Created: ${created.subject}`);
  const renamed = await renameGroup(client, created, 'Kyoto in June');
  console.log(`Renamed: ${renamed?.subject}`);
  console.log(`${(await listGroups(client, BUSINESS_NUMBER)).length} groups`);
}
