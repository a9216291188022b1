import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { type TestGateway, startTestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let browser: Browser;

beforeAll(async () => {
  gateway = await startTestGateway();
  // The browser has no network and can reach only 127.0.0.1.
  browser = await Browser.start();
});
afterAll(async () => {
  await browser.close();
  await gateway.close();
});

const PAGES = [
  ['/', "document.body.innerText.includes('GraphQL IDE')"],
  ['/graphql', "document.querySelector('.graphiql-query-editor .view-lines')"],
  ['/docs', "document.querySelectorAll('.opblock').length >= 11"],
  ['/docs/errors', "document.getElementById('OUTCOME_UNKNOWN')"],
] as const;

describe('the pages of the gateway, without internet', () => {
  it.each(PAGES)('render: %s', async (path, ready) => {
    const tab = await browser.open(gateway.url + path);
    await tab.waitFor(ready);
    expect(tab.problems()).toEqual([]);
  });

  it('show the result of the first query of the IDE', async () => {
    const tab = await browser.open(`${gateway.url}/graphql`);
    await tab.click('.graphiql-execute-button');
    await tab.waitFor("document.querySelector('.result-window')?.innerText.includes('totalCount')");
    expect(tab.problems()).toEqual([]);
  });

  it('do not include the IDE if it is off', async () => {
    const closed = await startTestGateway({ GRAPHQL_IDE: 'false' });
    const answer = await closed.rest('/graphql', { key: null, headers: { accept: 'text/html' } });
    await closed.close();
    expect(answer.status).toBe(401);
  });
});
