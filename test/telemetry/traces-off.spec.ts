import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME_KEY } from '../support/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { OtlpReceiver } from '../support/otlp-receiver.js';
import { Program } from '../support/program.js';
import { linesThat } from '../support/request-lines.js';
import { GROUPS, startTracedGateway } from '../support/traced-gateway.js';
import { unusedPort } from '../support/unused-port.js';

const MODULES = { NODE_OPTIONS: `--import ${new URL('../support/otel-modules.mjs', import.meta.url).href}` };
const FAILED = 'spans cannot be exported';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function start(settings: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess(settings, ACME_KEY);
  opened.push(() => gateway.kill());
  return gateway;
}

/** How often the log has a text. */
function count(gateway: GatewayProcess, text: string): number {
  return gateway.output().split(text).length - 1;
}

/** The packages of OpenTelemetry that it has loaded. The library for metrics loads the API. */
function loadedBy(gateway: GatewayProcess): ReadonlySet<string | undefined> {
  return new Set([...gateway.output().matchAll(/^loaded (.+)$/gm)].map(([, name]) => name));
}

/** Stops the gateway; returns how long that took in ms. */
async function stop(gateway: GatewayProcess): Promise<number> {
  const startedAtMs = performance.now();
  await gateway.close();
  expect(gateway.output()).toContain('"msg":"stopped"');
  return performance.now() - startedAtMs;
}

it.each([
  ['without an endpoint', () => ({})],
  ['by OTEL_SDK_DISABLED', ({ settings }: OtlpReceiver) => ({ ...settings, OTEL_SDK_DISABLED: 'true' })],
  [
    'by OTEL_TRACES_EXPORTER',
    ({ settings }: OtlpReceiver) => ({ ...settings, OTEL_TRACES_EXPORTER: 'none' }),
  ],
])('loads nothing, and CAMS gets no traceparent, while traces are off %s', async (_how, settings) => {
  const traced = await startTracedGateway((receiver) => ({ ...MODULES, ...settings(receiver) }));
  opened.push(() => traced.close());
  const { gateway, receiver, sentToCams } = traced;
  const headers = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
  expect((await gateway.rest(GROUPS, { headers })).status).toBe(200);
  const [line] = await linesThat(gateway, ({ status }) => status === 200);
  expect([line.traceId, line.spanId]).toEqual([undefined, undefined]);
  await gateway.close();
  expect(loadedBy(gateway)).toEqual(new Set(['api']));
  expect(new Set(sentToCams)).toEqual(new Set([undefined]));
  expect(receiver.requests).toBe(0);
});

it.each([
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', (url: string) => `${url}/v1/traces`],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', (url: string) => url],
])('is on with %s, and exports what remains when it stops', async (name, endpoint) => {
  const receiver = await OtlpReceiver.start();
  opened.push(() => receiver.close());
  const gateway = await start({ ...MODULES, [name]: endpoint(receiver.url) });
  expect(loadedBy(gateway)).toContain('sdk-trace');
  await gateway.rest('/v1/viewer');
  expect(receiver.spans).toEqual([]);
  await stop(gateway);
  expect(receiver.spans.map((span) => span.name)).toContain('GET /v1/viewer');
});

it('serves requests and stops in time while the collector is dead, with one warning', async () => {
  const gateway = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await unusedPort()}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    OTEL_BSP_SCHEDULE_DELAY: '20',
  });
  for (let n = 0; n < 40; n += 1) expect((await gateway.rest(GROUPS)).status).toBe(200);
  await eventually(async () => (count(gateway, FAILED) > 0 ? true : undefined));
  for (let n = 0; n < 40; n += 1) expect((await gateway.rest(GROUPS)).status).toBe(200);
  expect(await stop(gateway)).toBeLessThan(3_000);
  expect(count(gateway, FAILED)).toBe(1);
});

it('serves requests and stops in time while the collector hangs', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  opened.push(async () => silent.close());
  const gateway = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(silent.address() as { port: number }).port}`,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_BSP_MAX_QUEUE_SIZE: '50',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
  });
  for (let n = 0; n < 100; n += 1) expect((await gateway.rest(GROUPS)).status).toBe(200);
  expect(await stop(gateway)).toBeLessThan(3_000);
});

it('warns once when the collector refuses spans, and says when it accepts them again', async () => {
  const receiver = await OtlpReceiver.start();
  opened.push(() => receiver.close());
  receiver.status = 400;
  const gateway = await start(receiver.settings);
  for (let n = 0; n < 3; n += 1) {
    const before = receiver.requests;
    await gateway.rest('/v1/viewer');
    await eventually(async () => (receiver.requests > before ? true : undefined));
  }
  receiver.status = 200;
  await eventually(async () => {
    await gateway.rest('/v1/viewer');
    return gateway.output().includes('spans are exported again') ? true : undefined;
  });
  expect([count(gateway, FAILED), count(gateway, 'spans are exported again')]).toEqual([1, 1]);
});

it('names every fault of its settings at the start', async () => {
  const program = new Program('dist/main.js', {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_BSP_MAX_QUEUE_SIZE: 'many',
  });
  const ended = await eventually(async () => program.ended);
  for (const text of [
    'ended with 78',
    'OTEL_EXPORTER_OTLP_ENDPOINT must be an http:// or https:// URL',
    'OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or http/json: the gateway does not support grpc',
    'OTEL_TRACES_EXPORTER must be otlp or none',
    'OTEL_TRACES_SAMPLER must be',
    'OTEL_BSP_MAX_QUEUE_SIZE must be',
  ])
    expect(ended).toContain(text);
});
