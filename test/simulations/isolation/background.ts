import { eventually } from '../../support/eventually.js';
import { Scrape } from '../../support/metrics.js';
import type { Stage } from '../fuzz/stage.js';
import type { RunTenant } from '../tenants.js';

/** Waits until each gateway has checked the account: that list names the first number of the tenants file, whoever's it is. */
export async function accountsChecked({ gateways, sandbox }: Stage): Promise<void> {
  await eventually(async () => (await sandbox.calls()).length >= gateways.length || undefined);
}

const CALLS = ['gateway_cams_calls_under_way', 'gateway_cams_calls_waiting'];
/** How often in a row nothing may be found to go on: a scan pauses between its calls. */
const QUIET_LOOKS = 20;

/**
 * Waits until nothing calls CAMS for a tenant any more: no create is pending, no page is being refreshed, and no field is being
 * read of a document that had its response because another one had failed.
 */
export async function backgroundEnded({ gateways, sandbox }: Stage, tenant: RunTenant): Promise<void> {
  const headers = { authorization: `Bearer ${tenant.apiKey}` };
  for (const { url } of gateways)
    await eventually(async () => {
      const response = await fetch(new URL('/v1/operations?status=PENDING', url), { headers });
      const { data } = (await response.json()) as { data?: readonly unknown[] };
      return data?.length === 0 || undefined;
    });
  let count = -1;
  let quiet = 0;
  await eventually(async () => {
    const before = count;
    const scrapes = await Promise.all(gateways.map((gateway) => Scrape.of(gateway)));
    count = (await sandbox.calls()).length;
    const isCalling = scrapes.some((scrape) => CALLS.some((name) => scrape.value(name) !== 0));
    quiet = isCalling || count !== before ? 0 : quiet + 1;
    return quiet === QUIET_LOOKS || undefined;
  });
}
