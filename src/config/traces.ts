import { existsSync } from 'node:fs';
import type { EnvReader } from './env-reader.js';

/** How traces are made and exported. */
export interface TraceSettings {
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly sampler: {
    readonly kind: 'always_on' | 'always_off' | 'traceidratio';
    readonly ratio: number;
    /** Whether the caller's decision counts, if the request continues a trace. */
    readonly byParent: boolean;
  };
  /** Unset where the default of OpenTelemetry applies. */
  readonly batch: Readonly<
    Partial<
      Record<'scheduledDelayMillis' | 'maxQueueSize' | 'maxExportBatchSize' | 'exportTimeoutMillis', number>
    >
  >;
}

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
const PROTOCOLS = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'];
/** `name=value` pairs, as the exporter reads them. */
const arePairs = (text: string): boolean => text.split(',').every((pair) => /^\s*[^=\s]+\s*=/.test(pair));
const areWholeMs = (text: string): boolean => /^\d{1,9}$/.test(text);
const PAIRS = 'must be pairs of name=value, separated by commas';
type Check = readonly [name: string, isValid: (text: string) => boolean, rule: string];
const connectionChecks = (prefix: string): readonly Check[] => [
  [`${prefix}TIMEOUT`, areWholeMs, 'must be a whole number, in milliseconds'],
  [`${prefix}HEADERS`, arePairs, PAIRS],
  [`${prefix}COMPRESSION`, (text: string) => /^(gzip|none)$/.test(text), 'must be gzip or none'],
  ...['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'].map((name): Check => [
    `${prefix}${name}`,
    existsSync,
    'must be the path of a file',
  ]),
];
/** What the library reads itself, and would ignore or fail with later. */
const CHECKS: readonly Check[] = [
  ...connectionChecks('OTEL_EXPORTER_OTLP_TRACES_'),
  ...connectionChecks('OTEL_EXPORTER_OTLP_'),
  ['OTEL_RESOURCE_ATTRIBUTES', arePairs, PAIRS],
];
const BATCH = {
  scheduledDelayMillis: 'OTEL_BSP_SCHEDULE_DELAY',
  maxQueueSize: 'OTEL_BSP_MAX_QUEUE_SIZE',
  maxExportBatchSize: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
  exportTimeoutMillis: 'OTEL_BSP_EXPORT_TIMEOUT',
};

/** Reads the variables of OpenTelemetry; `null` without traces. The exporter itself reads those of its connection. */
export function readTraces(read: EnvReader): TraceSettings | null {
  const exporter = read.variable('OTEL_TRACES_EXPORTER')?.toLowerCase();
  const endpoints = ENDPOINTS.filter((name) => read.variable(name) !== undefined);
  const isWanted = exporter !== 'none' && (exporter !== undefined || endpoints.length > 0);
  if (!isWanted || read.variable('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return null;
  if (exporter !== undefined && exporter !== 'otlp')
    read.fault('OTEL_TRACES_EXPORTER', 'must be otlp or none');
  for (const [name, isValid, rule] of CHECKS) {
    const value = read.variable(name);
    if (value !== undefined && !isValid(value)) read.fault(name, rule);
  }
  for (const name of endpoints)
    if (!/^https?:$/.test(URL.parse(read.variable(name) ?? '')?.protocol ?? ''))
      read.fault(name, 'must be an http:// or https:// URL');
  return { protocol: readProtocol(read), sampler: readSampler(read), batch: readBatch(read) };
}

function readProtocol(read: EnvReader): TraceSettings['protocol'] {
  const name = PROTOCOLS.find((one) => read.variable(one) !== undefined);
  const protocol = name === undefined ? 'http/protobuf' : read.variable(name);
  if (protocol === 'http/protobuf' || protocol === 'http/json') return protocol;
  const hint =
    protocol === 'grpc'
      ? ': the gateway does not support grpc, and collectors listen for both on port 4318'
      : '';
  read.fault(name ?? '', `must be http/protobuf or http/json${hint}`);
  return 'http/protobuf';
}

function readSampler(read: EnvReader): TraceSettings['sampler'] {
  const name = read.variable('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const [, parent, kind] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(name) ?? [];
  if (kind === undefined)
    read.fault(
      'OTEL_TRACES_SAMPLER',
      'must be always_on, always_off or traceidratio, or one of them after parentbased_',
    );
  const ratio = Number(read.variable('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  if (kind === 'traceidratio' && !(ratio >= 0 && ratio <= 1))
    read.fault('OTEL_TRACES_SAMPLER_ARG', 'must be a number from 0 to 1');
  return { kind: kind as TraceSettings['sampler']['kind'], ratio, byParent: parent !== undefined };
}

function readBatch(read: EnvReader): TraceSettings['batch'] {
  const given = Object.entries(BATCH).flatMap(([option, name]) => {
    const text = read.variable(name);
    if (text === undefined) return [];
    if (!/^[1-9]\d{0,8}$/.test(text)) read.fault(name, 'must be a whole number of at least 1');
    return [[option, Number(text)] as const];
  });
  return Object.fromEntries(given);
}
