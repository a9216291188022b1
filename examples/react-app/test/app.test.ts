import assert from 'node:assert/strict';
import { API_KEY } from '../../support/gateway.ts';
import {
  click,
  gateway,
  loseResponse,
  open,
  page,
  shot,
  shows,
  signIn,
  step,
  visibleText,
} from './app-in-browser.ts';

/** New for each run, because the gateway may serve several. */
const SUBJECT = `Kyoto in autumn ${Date.now() % 10_000}`;

step('rejects a wrong key, and signs in with the prefilled one', async () => {
  await open('');
  await shot('1-sign-in');
  await signIn('cgk_acme.wrong');
  await shows('did not accept this API key');
  assert.equal(await page.$eval('#api-key', (input) => (input as HTMLInputElement).value), API_KEY);
  await click('Sign in');
  await shows('Acme Travel');
});

step('lists all groups, page by page, each of them once', async () => {
  await shows('20 of ');
  await shot('2-list');
  // 51 groups on a fresh sandbox.
  const [, total] = /20 of (\d+) groups/.exec(await visibleText()) ?? [];
  for (let shown = 40; shown < Number(total) + 20; shown += 20) {
    await click('Load more');
    await shows(`${Math.min(shown, Number(total))} of ${total} groups`);
  }
  const ids = await page.$$eval('.list-row', (rows) => rows.map((row) => row.getAttribute('href')));
  assert.ok(ids.length >= 51);
  assert.equal(new Set(ids).size, ids.length);
});

step('shows what is wrong with a field, next to the field', async () => {
  await click('New group');
  await page.locator('#subject').fill('x'.repeat(129));
  await click('Create group');
  await page.waitForSelector('#subject[aria-invalid=true]');
  assert.match(await page.$eval('#subject-note', (note) => note.innerHTML), /^Subject /);
  await shot('3-violation');
});

step('follows a pending create operation until its group is ready', async () => {
  await gateway.set({ unlistedMs: 9_000 });
  await page.locator('#subject').fill(SUBJECT);
  await page.locator('#description').fill('Temples, gardens and good food');
  await click('Create group');
  await shows('Creating your group…');
  await shot('4-pending');
  await shows('Your group is ready');
  await shot('5-ready');
  await click('Show group');
  await shows('Temples, gardens and good food');
});

step('stops waiting for a group when the user asks for it', async () => {
  await gateway.set({ unlistedMs: 3_600_000 });
  await open('#/new');
  await page.locator('#subject').fill(`Never listed ${Date.now() % 10_000}`);
  await click('Create group');
  await shows('Creating your group…');
  await click('All groups');
  await shows('Being created');
  await shot('6-pending-in-list');
  await click('Never listed');
  await click('Stop waiting');
  await shows('No longer waiting for this group');
  await shot('7-stopped');
  await gateway.set({ unlistedMs: 0 });
});

step('creates one group although the response was lost and the user tries again', async () => {
  const subject = `Oslo in winter ${Date.now() % 10_000}`;
  await open('#/new');
  await page.locator('#subject').fill(subject);
  await page.setRequestInterception(true);
  page.on('request', loseResponse);
  await click('Create group');
  await shows('You can safely try again.');
  await shot('8-no-response');
  page.off('request', loseResponse);
  await page.setRequestInterception(false);
  await click('Try again');
  await shows('Members (0)');
  await click('All groups');
  await page.locator('[name=filter-subject]').fill(subject);
  await click('Search');
  await shows('1 of 1 groups');
  await page.locator('.list-row').click();
});

step('removes a member', async () => {
  await click('All groups');
  await page.locator('::-p-xpath(//a[.//small = "8 members"])').click();
  await page.waitForSelector('input[name=member]');
  const members = (await page.$$('input[name=member]')).length;
  await page.locator('input[name=member]').click();
  await shot('9-members');
  await click('Remove 1 selected');
  await shows('Removed: 1.');
  await shows(`Members (${members - 1})`);
});

step('shows the invite link and its QR code', async () => {
  await click('All groups');
  await page.locator('[name=filter-subject]').fill(SUBJECT);
  await click('Search');
  await shows('1 of 1 groups');
  await page.locator('.list-row').click();
  await shows('Invite link');
  if (!(await page.$('.link-text'))) await click('Create link');
  await page.waitForSelector('.link-text');
  await page.waitForFunction(() => {
    const image = document.querySelector<HTMLImageElement>('img.qr-code');
    return image !== null && image.complete && image.naturalWidth > 0;
  });
  await shot('10-invite-link');
});
