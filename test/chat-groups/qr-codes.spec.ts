import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import {
  ACME,
  ACME_KEY,
  GLOBEX_KEY,
  READONLY_KEY,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';
import { type Target, arrangeGroup, learn } from '../support/operations.js';

let folder: string;
let gateway: TestGateway;
let target: Target;
let link: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qr-codes-'));
  gateway = await startTestGateway();
  target = await arrangeGroup(gateway, ACME);
  await learn(gateway, target);
  link = (await gateway.rest(pathOf(target))).body.inviteLink;
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

function pathOf({ custSpaceId, businessNumber, groupId }: Target): string {
  return `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups/${groupId}`;
}

async function get(
  file: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const answer = await fetch(`${gateway.url}${pathOf(target)}/invite-link/${file}`, {
    headers: { authorization: `Bearer ${ACME_KEY}`, ...headers },
  });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

/** Returns the text of the QR code in a PNG, as another program reads it. */
async function decoded(png: Buffer): Promise<string> {
  const file = join(folder, 'code.png');
  writeFileSync(file, png);
  const { stdout } = await promisify(execFile)('zbarimg', [
    '--quiet',
    '--raw',
    '-Sdisable',
    '-Sqrcode.enable',
    file,
  ]);
  return stdout.trim();
}

/** Source: the PNG specification, 11.2.2. */
const sizeOf = (png: Buffer): readonly number[] => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe('the QR code of an invite link', () => {
  it.each([
    ['qr.png', 512],
    ['qr.png?size=64', 64],
    ['qr.png?size=301', 301],
    ['qr.png?size=2048', 2048],
  ])('is a PNG that holds the link: %s', async (file, size) => {
    const { status, headers, bytes } = await get(file);
    expect([status, headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(sizeOf(bytes)).toEqual([size, size]);
    expect(await decoded(bytes)).toBe(link);
  });

  it('is an SVG that holds the link', async () => {
    const { status, headers, bytes } = await get('qr.svg');
    expect([status, headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    expect(headers.get('cache-control')).toBe('private, no-store');
    const browser = await Browser.start();
    try {
      const image = `<img width="400" src="data:image/svg+xml;base64,${bytes.toString('base64')}">`;
      const tab = await browser.open(`data:text/html;base64,${Buffer.from(image).toString('base64')}`);
      const { data } = await tab.send('Page.captureScreenshot', { format: 'png' });
      expect(await decoded(Buffer.from(data ?? '', 'base64'))).toBe(link);
    } finally {
      await browser.close();
    }
  });

  it.each([
    ['qr.png', 'image/png'],
    ['qr.svg', 'image/svg+xml'],
    ['qr.svg', 'image/*'],
    ['qr.png', '*/*'],
  ])('is sent as %s to clients that accept %s', async (file, accept) => {
    expect((await get(file, { accept })).status).toBe(200);
  });

  it('is not sent to clients that accept no image', async () => {
    const { status, bytes } = await get('qr.png', { accept: 'application/json' });
    expect([status, JSON.parse(bytes.toString()).code]).toEqual([406, 'NOT_ACCEPTABLE']);
  });

  it.each(['63', '2049', '0', '-64', '1e2', '', 'big'])('has no size of %s', async (size) => {
    const { body } = await gateway.rest(`${pathOf(target)}/invite-link/qr.png?size=${size}`);
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', violations: [{ field: 'size' }] });
  });

  it.each(['qr.svg', 'qr.png'])('is only for callers of the tenant who may see links: %s', async (file) => {
    const path = `${pathOf(target)}/invite-link/${file}`;
    expect((await gateway.rest(path, { key: READONLY_KEY })).body.code).toBe('FORBIDDEN');
    expect((await gateway.rest(path, { key: GLOBEX_KEY })).body.code).toBe('NOT_FOUND');
    expect((await gateway.rest(path, { key: null })).body.code).toBe('UNAUTHENTICATED');
  });

  it('never appears as text in the headers', async () => {
    for (const file of ['qr.svg', 'qr.png']) {
      const { headers, bytes } = await get(file);
      expect(JSON.stringify([...headers])).not.toContain(link.split('/').at(-1));
      expect(bytes.toString('latin1')).not.toContain(link);
    }
  });

  it('does not exist without a link', async () => {
    await gateway.sandbox.changeGroup({ op: 'update', groupId: target.groupId, inviteLink: false });
    for (const file of ['qr.svg', 'qr.png']) {
      const { status, body } = await gateway.rest(`${pathOf(target)}/invite-link/${file}`);
      expect([status, body.code, body.detail]).toEqual([404, 'NOT_FOUND', 'The group has no invite link.']);
    }
  });
});
