import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';
import { eventually } from './eventually.js';
import type { Json } from './gateway.js';

const REQUEST = protobuf
  .loadSync(new URL('otlp-trace.proto', import.meta.url).pathname)
  .lookupType('opentelemetry.proto.ExportTraceServiceRequest');
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/** A span as a collector sees it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly hasFailed: boolean;
  /** The IDs of linked spans. */
  readonly links: readonly string[];
  readonly resource: Readonly<Record<string, unknown>>;
}

/** A collector that speaks OTLP over HTTP, in Protobuf and in JSON. */
export class OtlpReceiver {
  readonly #spans: ReceivedSpan[] = [];
  readonly #bodies: Buffer[] = [];
  readonly #types = new Set<string>();
  readonly #server = createServer((request, response) => void this.#receive(request, response));
  /** The status of its responses. */
  status = 200;
  /** The number of requests so far. */
  requests = 0;

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  /** The settings of a gateway that exports to it at once. */
  get settings(): Record<string, string> {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: this.url, OTEL_BSP_SCHEDULE_DELAY: '50' };
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get spans(): readonly ReceivedSpan[] {
    return this.#spans;
  }

  /** The content types of all requests. */
  get types(): readonly string[] {
    return [...this.#types];
  }

  /** All bytes received so far, one character per byte. */
  get bytes(): string {
    return Buffer.concat(this.#bodies).toString('latin1');
  }

  /** Waits until the root of a trace has arrived, which ends last; returns all spans of the trace. */
  async trace(isRoot: (span: ReceivedSpan) => boolean): Promise<readonly ReceivedSpan[]> {
    const root = await eventually(async () => this.#spans.find(isRoot));
    return this.#spans.filter(({ traceId }) => traceId === root.traceId);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    this.requests += 1;
    const type = request.headers['content-type'] ?? '';
    this.#types.add(`${request.method} ${request.url} ${type}`);
    this.#bodies.push(body);
    if (this.status === 200) this.#spans.push(...spansIn(type, body));
    response.writeHead(this.status, { 'content-type': type }).end(type.includes('json') ? '{}' : '');
  }
}

function spansIn(type: string, body: Buffer): ReceivedSpan[] {
  const { resourceSpans = [] }: Json = type.includes('json')
    ? JSON.parse(body.toString())
    : REQUEST.toObject(REQUEST.decode(body), { longs: String, enums: Number });
  return resourceSpans.flatMap(({ resource, scopeSpans }: Json) =>
    scopeSpans.flatMap(({ spans }: Json) =>
      spans.map((span: Json) => ({
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        traceState: span.traceState ?? '',
        name: span.name,
        kind: KINDS[span.kind],
        attributes: attributesOf(span),
        hasFailed: span.status?.code === 2,
        links: (span.links ?? []).map((link: Json) => hex(link.spanId)),
        resource: attributesOf(resource),
      })),
    ),
  );
}

/** IDs are hexadecimal in JSON. */
function hex(id: string | Uint8Array | undefined): string {
  return typeof id === 'string' ? id : Buffer.from(id ?? []).toString('hex');
}

function attributesOf({ attributes = [] }: Json): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }: Json) => {
      const plain = Object.values(value)[0];
      return [key, 'intValue' in value ? Number(plain) : plain];
    }),
  );
}
