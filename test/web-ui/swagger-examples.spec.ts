import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser, type Tab } from '../support/browser.js';
import { type TestGateway, startTestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let browser: Browser;

beforeAll(async () => {
  gateway = await startTestGateway();
  browser = await Browser.start();
});
afterAll(async () => {
  await browser.close();
  await gateway.close();
});

/** Executes a call as prefilled, and returns the status that the page shows. */
async function execute(tab: Tab, tag: string, operationId: string): Promise<number> {
  const block = `#operations-${tag}-${operationId}`;
  await tab.click(`${block} .opblock-summary-control`);
  await tab.click(`${block} .try-out__btn`);
  await tab.click(`${block} .execute`);
  const status = `${block} .live-responses-table tr.response .response-col_status`;
  await tab.waitFor(`document.querySelector('${status}')`);
  const shown = await tab.evaluate(`document.querySelector('${status}').innerText`);
  // The page gets slower with each block that stays open.
  await tab.click(`${block} .opblock-summary-control`);
  return parseInt(String(shown), 10);
}

describe('the REST reference of a gateway with the sandbox', () => {
  // In an order in which each call finds what it needs: the group of the examples is deleted last.
  const CALLS = [
    ['Caller', 'getViewer', 200],
    ['Groups', 'listChatGroups', 200],
    ['Groups', 'createChatGroup', 201],
    ['Groups', 'getChatGroup', 200],
    ['Groups', 'updateChatGroup', 200],
    ['Groups', 'listParticipants', 200],
    ['Groups', 'removeParticipants', 200],
    ['Groups', 'getInviteLinkQrSvg', 200],
    ['Groups', 'getInviteLinkQrPng', 200],
    ['Groups', 'createInviteLink', 200],
    ['Groups', 'deleteInviteLink', 204],
    ['Operations', 'listOperations', 200],
    ['Groups', 'deleteChatGroup', 204],
  ] as const;

  it('executes every call on groups with its example, without entering anything', async () => {
    const tab = await browser.open(`${gateway.url}/docs`);
    await tab.waitFor(`document.querySelectorAll('.opblock').length >= 15`);
    const statuses: (readonly [string, number])[] = [];
    for (const [tag, operationId] of CALLS)
      statuses.push([operationId, await execute(tab, tag, operationId)] as const);
    expect(statuses).toEqual(CALLS.map(([, operationId, status]) => [operationId, status]));
    expect(tab.problems()).toEqual([]);
  }, 120_000);

  it('is not authorized again after the reader has logged out', async () => {
    const tab = await browser.open(`${gateway.url}/docs`);
    await tab.waitFor(`document.querySelector('.auth-wrapper .authorize.locked')`);
    await tab.click('.auth-wrapper .authorize');
    await tab.waitFor(`document.querySelector('.auth-container .btn')`);
    await tab.evaluate(
      `[...document.querySelectorAll('.auth-container .btn')].find((one) => one.innerText === 'Logout').click()`,
    );
    await tab.waitFor(`document.querySelector('.auth-wrapper .authorize.unlocked')`);
    await tab.navigate(`${gateway.url}/docs`);
    await tab.waitFor(`document.querySelectorAll('.opblock').length >= 15`);
    expect(await tab.evaluate(`document.querySelectorAll('.auth-wrapper .authorize.unlocked').length`)).toBe(
      1,
    );
  });

  it('fits a phone with a call open', async () => {
    const tab = await browser.open(`${gateway.url}/docs`);
    await tab.send('Emulation.setDeviceMetricsOverride', {
      width: 390,
      height: 844,
      deviceScaleFactor: 1,
      mobile: true,
    });
    await tab.waitFor(`document.querySelectorAll('.opblock').length >= 15`);
    await tab.click('#operations-Groups-createChatGroup .opblock-summary-control');
    await tab.waitFor(`document.querySelector('.responses-table .model-example')`);
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(390);
  }, 60_000);
});
