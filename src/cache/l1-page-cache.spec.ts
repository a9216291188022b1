import { Counter, Registry } from 'prom-client';
import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { L1PageCache, serialise } from './l1-page-cache.js';
import type { PageKey } from './stores/page-store.js';

const MAX_BYTES = 4 * 1024 * 1024;

let foreign: Counter;
let layer: L1PageCache;
beforeEach(() => {
  Logger.overrideLogger(false);
  foreign = new Counter({ name: 'foreign', help: 'foreign', registers: [new Registry()] });
  layer = new L1PageCache(MAX_BYTES, foreign);
});

const keyOf = (scope: number, page: number): PageKey => ({
  meta: `cg:{${scope}}:m`,
  page: `cg:{${scope}}:p:${page}`,
  owner: 'acme',
});
const stored = (payload: string | undefined, revision = 'r1') => ({
  revision,
  payload,
  ageMs: 0,
  freshForMs: 1,
});
const foreignPages = async (): Promise<number | undefined> => (await foreign.get()).values[0]?.value;

describe('L1PageCache', () => {
  it('stays within its limit with 10,000 scopes of 10 pages and keeps the latest', () => {
    const payload = serialise('scope', { rows: 'x'.repeat(200) });
    for (let scope = 0; scope < 10_000; scope += 1) {
      for (let page = 0; page < 10; page += 1) {
        for (let time = 0; time < 2; time += 1)
          layer.open(keyOf(scope, page), 'scope', stored(payload), undefined);
        if (layer.bytes > MAX_BYTES) throw new Error(`The cache holds ${layer.bytes} bytes.`);
      }
    }
    // The cache is full, not merely below its limit.
    expect(layer.bytes).toBeGreaterThan(MAX_BYTES * 0.99);
    expect(layer.known(keyOf(9_999, 9))).toBeDefined();
    expect(layer.known(keyOf(0, 0))).toBeUndefined();
  });

  it('does not cache pages that are requested once', () => {
    const payload = serialise('scope', [1]);
    for (let round = 0; round < 2; round += 1) {
      for (let scope = 0; scope < 10_000; scope += 1) {
        const page = layer.open(keyOf(scope, 1), 'scope', stored(payload), undefined);
        expect(page).toMatchObject({ listing: { value: [1] }, isKept: false });
      }
    }
    expect(layer.bytes).toBe(0);
  });

  it('keeps caching a page that is listed again', () => {
    const key = keyOf(1, 1);
    for (const revision of ['r1', 'r2', 'r3']) layer.remember(key, { revision, value: 1, asOfMs: 0 }, 10);
    expect(layer.known(key)).toMatchObject({ revision: 'r3' });
  });

  it('does not cache a page that is larger than its limit', () => {
    for (let time = 0; time < 2; time += 1) {
      const page = layer.remember(keyOf(1, 1), { revision: 'r1', value: 'huge', asOfMs: 0 }, MAX_BYTES);
      expect(page.isKept).toBe(false);
    }
    expect(layer.known(keyOf(1, 1))).toBeUndefined();
  });

  it('counts derived values towards the size of their page and evicts them with it', () => {
    const key = keyOf(1, 1);
    for (const revision of ['r1', 'r2']) layer.remember(key, { revision, value: 1, asOfMs: 0 }, 10);
    const before = layer.bytes;
    layer.known(key)?.memo.part('view').keep('name', 'derived', 1_000);
    expect(layer.known(key)?.memo.part('view').get('name')).toBe('derived');
    // An entry is 300 bytes, a part 600.
    expect(layer.bytes - before).toBe(1_900);
    layer.remember(key, { revision: 'r3', value: 1, asOfMs: 0 }, 10);
    expect(layer.bytes).toBe(before);
    expect(layer.known(key)?.memo.part('view').get('name')).toBeUndefined();
  });

  it('limits the size of the values derived from one page', () => {
    const key = keyOf(1, 1);
    for (const revision of ['r1', 'r2']) layer.remember(key, { revision, value: 1, asOfMs: 0 }, 10);
    const listing = layer.known(key);
    for (let view = 0; view < 100; view += 1) listing?.memo.keep(`${view}`, view, 100_000);
    expect(layer.bytes).toBeLessThan(1_100_000);
    expect(listing?.memo.get('99')).toBe(99);
    listing?.memo.keep('huge', 'huge', 2_000_000);
    expect(listing?.memo.get('huge')).toBeUndefined();
  });

  it('returns the cached page if the store names its revision', () => {
    const key = keyOf(1, 1);
    const value = { rows: [] };
    for (let time = 0; time < 2; time += 1) layer.remember(key, { revision: 'r1', value, asOfMs: 0 }, 10);
    const known = layer.known(key);
    expect(layer.open(key, 'scope', stored(undefined, 'r1'), known)?.listing.value).toBe(value);
    expect(layer.open(key, 'scope', stored(undefined, 'r2'), known)).toBeUndefined();
  });

  it('caches a page that is parsed for the second time', () => {
    const key = keyOf(1, 1);
    layer.open(key, 'scope', stored(serialise('scope', [1])), undefined);
    const page = layer.open(key, 'scope', stored(serialise('scope', [1])), undefined);
    expect(page?.listing.value).toEqual([1]);
    expect(layer.known(key)).toMatchObject({ revision: 'r1', value: page?.listing.value });
  });

  it.each([
    ['a page of another scope', serialise('another', [1])],
    ['invalid JSON', 'PNG'],
    ['null', 'null'],
    ['a number', '7'],
    ['an object without a scope', '{"value":[1]}'],
  ])('drops and counts %s', async (_, payload) => {
    expect(layer.open(keyOf(1, 1), 'scope', stored(payload), undefined)).toBeUndefined();
    expect(await foreignPages()).toBe(1);
    expect(layer.known(keyOf(1, 1))).toBeUndefined();
  });

  it('keeps the pages of one tenant however many another one reads', () => {
    const payload = serialise('scope', { rows: 'x'.repeat(200) });
    const quiet = { ...keyOf(0, 1), owner: 'quiet' };
    for (let read = 0; read < 2; read += 1) layer.open(quiet, 'scope', stored(payload), undefined);
    for (let scope = 1; scope <= 10_000; scope += 1)
      for (let read = 0; read < 2; read += 1)
        layer.open(keyOf(scope, 1), 'scope', stored(payload), undefined);
    expect(layer.known(quiet)).toBeDefined();
    expect(layer.known(keyOf(1, 1))).toBeUndefined();
  });
});
