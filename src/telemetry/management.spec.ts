import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Gauge } from 'prom-client';
import { eventually } from '../../test/support/eventually.js';
import { unusedPort } from '../../test/support/unused-port.js';
import { loadConfig } from '../config/config.js';
import { Management } from './management.js';
import { Metrics } from './metrics.js';
import { RequestLog } from './request-log.js';

const AT_ONCE = 20;

let metrics: Metrics;
let management: Management;

beforeEach(async () => {
  metrics = new Metrics();
  const log = new RequestLog(pino({ level: 'silent' }), metrics);
  management = new Management(loadConfig({ MANAGEMENT_PORT: String(await unusedPort()) }), metrics, log);
  await management.onApplicationBootstrap();
});
afterEach(() => management.onApplicationShutdown());

it('collects once for scrapes that arrive while it collects, and again for the next one', async () => {
  let collections = 0;
  let release = (): void => undefined;
  const gauge = new Gauge({
    name: 'test_collections',
    help: 'Counts collections.',
    registers: [metrics.registry],
    async collect() {
      collections += 1;
      gauge.set(collections);
      await new Promise<void>((resolve) => (release = resolve));
    },
  });
  const scrape = async (): Promise<string> => (await fetch(`${management.url}/metrics`)).text();
  const first = scrape();
  await eventually(async () => collections > 0 || undefined);
  const others = Array.from({ length: AT_ONCE - 1 }, scrape);
  // A refusal after them shows that they have arrived: a connection may still be on its way.
  await Promise.all(Array.from({ length: AT_ONCE }, () => fetch(`${management.url}/health/live`)));
  release();
  const texts = await Promise.all([first, ...others]);
  expect(texts.every((text) => text.includes('test_collections 1\n'))).toBe(true);
  const next = scrape();
  await eventually(async () => collections > 1 || undefined);
  release();
  expect(await next).toContain('test_collections 2\n');
});
