import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_KEY, READ_ONLY_KEY } from '../../support/gateway.ts';
import { click, gateway, page, shot, shows, signIn, step } from './app-in-browser.ts';

step('shows an error screen when CAMS fails, and recovers', async () => {
  await signIn(API_KEY);
  await page.waitForSelector('.list-row');
  await gateway.fail('ListChatGroup', 'http500');
  await page.locator('[name=filter-subject]').fill('not in the cache');
  await click('Search');
  await shows('WhatsApp groups are not available');
  await shot('11-error');
  await gateway.heal();
  // The gateway remembers a failed page for a moment.
  await sleep(2_000);
  await click('Try again');
  await shows('No groups found.');
});

step('shows an error screen when the gateway is down', async () => {
  await page.setOfflineMode(true);
  await page.locator('[name=filter-subject]').fill('unreachable');
  await click('Search');
  await shows('The gateway does not respond');
  await shot('12-gateway-down');
  await page.setOfflineMode(false);
});

step('shows what the permissions of the key do not allow', async () => {
  await click('Sign out');
  await signIn(READ_ONLY_KEY);
  await page.waitForSelector('.list-row');
  assert.equal(await page.$('a[href="#/new"]'), null);
  await page.locator('.list-row').click();
  await shows('You do not have permission');
  await shot('13-forbidden');
});

step('fits on a phone', async () => {
  await page.setViewport({ width: 390, height: 800 });
  await click('Sign out');
  await signIn(API_KEY);
  await page.waitForSelector('.list-row');
  const overflow = await page.$eval('html', (html) => html.scrollWidth - html.clientWidth);
  assert.equal(overflow, 0);
  await shot('14-phone');
});
