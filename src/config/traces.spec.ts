import { expect, it } from '@jest/globals';
import { EnvReader } from './env-reader.js';
import { readTraces } from './traces.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

function read(env: Record<string, string>): ReturnType<typeof readTraces> {
  const reader = new EnvReader(env);
  const settings = readTraces(reader);
  reader.finish();
  return settings;
}

it('is off unless an endpoint or an exporter is set', () => {
  expect(read({})).toBeNull();
  expect(read({ OTEL_SERVICE_NAME: 'gateway', OTEL_TRACES_SAMPLER: 'always_on' })).toBeNull();
  expect(read({ ...ENDPOINT, OTEL_SDK_DISABLED: 'True' })).toBeNull();
  expect(read({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
  expect(read({ OTEL_TRACES_EXPORTER: 'otlp' })).not.toBeNull();
});

it('has the defaults of OpenTelemetry', () => {
  expect(read({ ...ENDPOINT, OTEL_SDK_DISABLED: 'false' })).toEqual({
    protocol: 'http/protobuf',
    sampler: { kind: 'always_on', ratio: 1, byParent: true },
    batch: {},
  });
});

it('reads the protocol for traces before the common one', () => {
  const common = { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  expect(read({ ...common, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' })?.protocol).toBe('http/json');
  expect(() => read(common)).toThrow(/OTEL_EXPORTER_OTLP_PROTOCOL must be http\/protobuf or http\/json/);
});

it.each([
  ['always_off', undefined, { kind: 'always_off', ratio: 1, byParent: false }],
  ['traceidratio', '0.25', { kind: 'traceidratio', ratio: 0.25, byParent: false }],
  ['parentbased_traceidratio', '0', { kind: 'traceidratio', ratio: 0, byParent: true }],
])('reads the sampler %s %s', (name, ratio, sampler) => {
  const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER: name };
  expect(read(ratio === undefined ? env : { ...env, OTEL_TRACES_SAMPLER_ARG: ratio })?.sampler).toEqual(
    sampler,
  );
});

it.each([
  ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
  ['OTEL_TRACES_SAMPLER_ARG', '25%'],
  ['OTEL_TRACES_EXPORTER', 'console'],
  ['OTEL_BSP_SCHEDULE_DELAY', '5s'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '0'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', '127.0.0.1:4318'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', 'abc'],
  ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'nonsense'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b,c'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zip'],
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', '/nonexistent.pem'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'foo'],
])('refuses %s=%s', (name, value) => {
  expect(() => read({ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', [name]: value })).toThrow(
    new RegExp(`${name} must be `),
  );
});

it('accepts what the exporter reads itself', () => {
  const connection = {
    OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x, tenant = a',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.namespace=chat',
  };
  expect(read({ ...ENDPOINT, ...connection })).not.toBeNull();
});

it('reads how spans are sent', () => {
  const env = { ...ENDPOINT, OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_BSP_MAX_QUEUE_SIZE: '100' };
  expect(read(env)?.batch).toEqual({ scheduledDelayMillis: 50, maxQueueSize: 100 });
});
