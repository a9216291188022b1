// The app in headless Chromium, and what a user does with it.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { type Browser, type HTTPRequest, launch, type Page } from 'puppeteer-core';
import { build, preview, type PreviewServer } from 'vite';
import { type Gateway, openGateway } from '../../support/gateway.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const SCREENSHOTS = new URL('../screenshots/', import.meta.url);
const TIMEOUT_MS = 20_000;

export let gateway: Gateway;
let app: PreviewServer;
let browser: Browser;
export let page: Page;
let origin: string;
let hasFailed = false;

before(async () => {
  gateway = await openGateway();
  process.env.VITE_GATEWAY_URL = gateway.url;
  await build({ logLevel: 'warn' });
  app = await preview({ logLevel: 'warn' });
  origin = app.resolvedUrls?.local[0] ?? '';
  browser = await launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  page = await browser.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  await page.setViewport({ width: 1100, height: 800 });
  page.on('pageerror', (error) => console.error(error));
  await mkdir(SCREENSHOTS, { recursive: true });
});

after(async () => {
  await browser?.close();
  await app?.close();
  await gateway?.heal();
  await gateway?.close();
});

/** Waits until the page shows a text. */
export async function shows(text: string): Promise<void> {
  await page
    .waitForFunction((wanted) => document.body.innerText.includes(wanted), {}, text)
    .catch(async () => {
      assert.fail(`"${text}" is not shown, but:\n${await visibleText()}`);
    });
}

export function visibleText(): Promise<string> {
  return page.$eval('body', (body) => body.innerText);
}

export async function click(text: string): Promise<void> {
  await page
    .locator(`::-p-xpath(//*[self::a or self::button][contains(normalize-space(), "${text}")])`)
    .click();
}

export async function shot(name: string): Promise<void> {
  const path = new URL(`${name}.png`, SCREENSHOTS).pathname as `${string}.png`;
  await page.screenshot({ path, fullPage: true });
}

/** A test that starts where the one before it ended. Once one has failed, the others are skipped. */
export function step(name: string, run: () => Promise<void>): void {
  void test(name, async (context) => {
    if (hasFailed) return context.skip('an earlier step failed');
    hasFailed = true;
    try {
      await run();
    } catch (error) {
      await shot('failed');
      throw error;
    }
    hasFailed = false;
  });
}

/** Sends the request to the gateway, but lets the page see a broken connection. */
export async function loseResponse(request: HTTPRequest): Promise<void> {
  if (request.method() === 'POST') {
    const { authorization = '' } = request.headers();
    const headers = { authorization, 'content-type': 'application/json' };
    await fetch(request.url(), { method: 'POST', headers, body: request.postData() ?? '' });
  }
  await request.abort();
}

export function open(hash: string): Promise<unknown> {
  return page.goto(origin + hash);
}

export async function signIn(key: string): Promise<void> {
  await open('');
  await page.locator('#api-key').fill(key);
  await click('Sign in');
}
