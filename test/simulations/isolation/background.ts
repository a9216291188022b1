import { eventually } from '../../support/eventually.js';
import type { Stage } from '../fuzz/stage.js';
import type { RunTenant } from '../tenants.js';

/** Waits until each gateway has checked the account: that list names the first number of the tenants file, whoever's it is. */
export async function accountsChecked({ gateways, sandbox }: Stage): Promise<void> {
  await eventually(async () => (await sandbox.calls()).length >= gateways.length || undefined);
}

/** Waits until nothing calls CAMS for a tenant any more: no create is pending, and no page is being refreshed. */
export async function backgroundEnded({ gateways, sandbox }: Stage, tenant: RunTenant): Promise<void> {
  const headers = { authorization: `Bearer ${tenant.apiKey}` };
  for (const { url } of gateways)
    await eventually(async () => {
      const response = await fetch(new URL('/v1/operations?status=PENDING', url), { headers });
      const { data } = (await response.json()) as { data?: readonly unknown[] };
      return data?.length === 0 || undefined;
    });
  let count = -1;
  await eventually(async () => {
    const before = count;
    count = (await sandbox.calls()).length;
    return count === before || undefined;
  });
}
