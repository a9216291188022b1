import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { settleGroups } from '../support/cached-lists.js';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY, type Answer } from '../support/gateway.js';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import { passTime } from '../support/redis-time.js';
import { linesThat } from '../support/request-lines.js';
import { GROUPS, type TracedGateway, startTracedGateway } from '../support/traced-gateway.js';

const LIST = `query ListCanaries($n: String!, $s: String) {
  chatGroups(businessNumber: $n, subject: $s, first: 3) { totalCount nodes { groupId inviteLink } }
}`;
/** The default of CACHE_FRESH_MS. */
const FRESH_MS = 15_000;
const SUBJECT = 'Canary subject';
/** The span of the caller. */
const CALLER = 'b7ad6b7169203331';

interface Traced {
  readonly answer: Answer;
  readonly traceId: string;
  readonly spans: readonly ReceivedSpan[];
}

function newTraceId(): string {
  return `abcdef${crypto.randomUUID().replaceAll('-', '').slice(6)}`;
}

/** The only span with this name. Throws if there are none or several. */
function only(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const [span, another] = spans.filter((one) => one.name === name);
  if (!span || another) throw new Error(`${another ? 'Several' : 'No'} ${name}: ${JSON.stringify(spans)}`);
  return span;
}

describe.each([
  ['http/protobuf', 'application/x-protobuf'],
  ['http/json', 'application/json'],
])('traces by %s', (protocol, contentType) => {
  let traced: TracedGateway;
  beforeAll(async () => {
    traced = await startTracedGateway(({ settings }) => ({
      ...settings,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    }));
  });
  afterAll(() => traced.close());
  beforeEach(() => {
    traced.sentToCams.splice(0);
  });

  /** Sends a request as part of a trace; returns its response and the spans of the gateway. */
  async function inTrace(request: (headers: Record<string, string>) => Promise<Answer>): Promise<Traced> {
    const traceId = newTraceId();
    const answer = await request({ traceparent: `00-${traceId}-${CALLER}-01`, tracestate: 'vendor=1' });
    const spans = await traced.receiver.trace((span) => span.kind === 'server' && span.traceId === traceId);
    return { answer, traceId, spans };
  }

  const list = (subject?: string): Promise<Traced> =>
    inTrace((headers) => traced.gateway.graphql(LIST, { n: ACME.businessNumber, s: subject }, { headers }));

  it('continue that of the caller through GraphQL, the cache and Redis to CAMS', async () => {
    const { answer, traceId, spans } = await list(SUBJECT);
    expect(answer.status).toBe(200);
    const server = only(spans, 'POST /graphql');
    expect(server).toMatchObject({ kind: 'server', parentSpanId: CALLER, traceState: 'vendor=1' });
    expect(server.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/graphql',
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'gateway.request_id': answer.headers.get('x-request-id'),
      'gateway.tenant': 'acme',
    });
    const query = only(spans, 'query');
    expect([query.kind, query.parentSpanId]).toEqual(['internal', server.spanId]);
    expect(query.attributes).toEqual({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'ListCanaries',
    });
    const cache = only(spans, 'cache read');
    expect([cache.kind, cache.parentSpanId, cache.attributes]).toEqual([
      'internal',
      query.spanId,
      { 'cache.outcome': 'miss' },
    ]);
    for (const script of ['read', 'store']) {
      const redis = only(spans, `EVALSHA ${script}`);
      expect([redis.kind, redis.parentSpanId]).toEqual(['client', cache.spanId]);
      expect(redis.attributes).toEqual({
        'db.system.name': 'redis',
        'db.operation.name': 'EVALSHA',
        'db.stored_procedure.name': script,
        'gateway.redis': 'cache',
      });
    }
    const call = only(spans, 'ListChatGroup');
    expect([call.kind, call.parentSpanId]).toEqual(['client', cache.spanId]);
    expect(call.attributes).toEqual({
      'cams.action': 'ListChatGroup',
      'cams.account': 'default',
      'cams.outcome': 'ok',
      'cams.request_id': answer.headers.get('x-upstream-request-id'),
    });
    expect(traced.sentToCams).toEqual([`00-${traceId}-${call.spanId}-01`]);
    expect(spans.filter(({ hasFailed }) => hasFailed)).toEqual([]);
    expect(server.resource).toMatchObject({ 'service.name': 'chatgroup-gateway' });
    expect(traced.receiver.types).toEqual([`POST /v1/traces ${contentType}`]);
  });

  it('are named in log lines', async () => {
    const { gateway } = traced;
    await gateway.sandbox.fault({ action: 'ListChatGroup', kind: 'throttle', count: 1 });
    const { traceId, spans } = await list('Canary of a failure');
    const [line] = await linesThat(gateway, (one) => one.traceId === traceId);
    expect(line.spanId).toBe(only(spans, 'POST /graphql').spanId);
    const others = gateway.output().split('\n');
    const failed = others.find((one) => one.includes('a call to CAMS failed') && one.includes(traceId));
    const { spanId, ...facts } = JSON.parse(failed ?? '{}');
    expect(spans.map((span) => span.spanId)).toContain(spanId);
    // An account may serve many tenants, and the circuits of one may be open.
    expect(facts).toMatchObject({ account: 'default', tenant: 'acme', action: 'ListChatGroup' });
  });

  it('cover a list that the fast path serves from the cache', async () => {
    const read = (): Promise<Traced> => inTrace((headers) => traced.gateway.rest(GROUPS, { headers }));
    await read();
    const { spans } = await read();
    const server = only(spans, 'GET /v1/spaces/:custSpaceId/numbers/:businessNumber/groups');
    const cache = only(spans, 'cache read');
    expect([cache.parentSpanId, cache.attributes['cache.outcome']]).toEqual([server.spanId, 'hit']);
    expect(only(spans, 'EVALSHA read').parentSpanId).toBe(cache.spanId);
    expect(spans.some(({ name }) => name === 'ListChatGroup')).toBe(false);
    // The same for GraphQL, whose first query goes through Apollo.
    await list();
    const again = await list();
    expect(only(again.spans, 'cache read').parentSpanId).toBe(only(again.spans, 'query').spanId);
  });

  it('show how a stale page is refreshed after the response', async () => {
    const read = (): Promise<Traced> => inTrace((headers) => traced.gateway.rest(GROUPS, { headers }));
    // A page with a group that is changing would not be served stale.
    await settleGroups(traced.gateway);
    await passTime(traced.redis, FRESH_MS);
    await read();
    await passTime(traced.redis, FRESH_MS);
    const { traceId, spans } = await read();
    const cache = only(spans, 'cache read');
    expect(cache.attributes['cache.outcome']).toBe('stale');
    const call = await eventually(async () =>
      traced.receiver.spans.find((span) => span.traceId === traceId && span.name === 'ListChatGroup'),
    );
    expect(call.parentSpanId).toBe(cache.spanId);
    expect(traced.sentToCams).toContain(`00-${traceId}-${call.spanId}-01`);
  });

  it('show a write with each of its steps', async () => {
    const { gateway } = traced;
    const [group] = (await gateway.rest(GROUPS)).body.data;
    const { answer, traceId, spans } = await inTrace((headers) =>
      gateway.rest(`${GROUPS}/${group.groupId}`, {
        method: 'PATCH',
        body: { description: SUBJECT },
        headers: { ...headers, 'idempotency-key': 'canary-key-of-a-write' },
      }),
    );
    expect(answer.status).toBe(200);
    const server = only(spans, `PATCH /v1/spaces/:custSpaceId/numbers/:businessNumber/groups/:groupId`);
    const call = only(spans, 'UpdateChatGroup');
    expect(call).toMatchObject({
      parentSpanId: server.spanId,
      attributes: { 'cams.outcome': 'ok', 'cams.request_id': answer.headers.get('x-upstream-request-id') },
    });
    expect(traced.sentToCams).toContain(`00-${traceId}-${call.spanId}-01`);
    for (const script of ['begin', 'end']) expect(only(spans, `EVALSHA ${script}`).kind).toBe('client');
  });

  it('show a GraphQL mutation that is refused', async () => {
    const mutation = `mutation { updateChatGroup(input: { id: "canary-id", description: "x" }) { coherence } }`;
    const { spans } = await inTrace((headers) => traced.gateway.graphql(mutation, {}, { headers }));
    expect(only(spans, 'mutation').attributes).toEqual({
      'graphql.operation.type': 'mutation',
      'graphql.operation.name': 'updateChatGroup',
    });
    expect(only(spans, 'POST /graphql').attributes['gateway.error_code']).toBeDefined();
  });

  it('have none of what the gateway must not reveal', async () => {
    const { gateway, receiver } = traced;
    const { answer } = await list();
    const [{ groupId, inviteLink }] = answer.body.data.chatGroups.nodes;
    const named = LIST.replace('ListCanaries', 'of8613812345678');
    const theirs = { 'x-request-id': 'canary-request', tracestate: 'canary=8613812345678' };
    await inTrace((headers) =>
      gateway.graphql(named, { n: ACME.businessNumber }, { headers: { ...headers, ...theirs } }),
    );
    await gateway.rest(`${GROUPS}/${groupId}/participants?size=5`, { headers: { baggage: 'canary=1' } });
    await gateway.rest(`/v1/canary/${groupId}?canary=1`);
    await inTrace((traceHeaders) => gateway.rest('/v1/viewer', { headers: traceHeaders }));
    for (const canary of [
      ACME.businessNumber,
      '8613812345678',
      groupId,
      ...(inviteLink === null ? [] : [inviteLink]),
      'chat.whatsapp.com',
      'anary subject',
      'anary-key',
      'canary',
      ACME_KEY,
      ACME_KEY.slice(9),
      'cg:',
      '/v1/spaces/cams',
      '127.0.0.1',
    ])
      expect([canary, receiver.bytes.includes(canary)]).toEqual([canary, false]);
    expect(receiver.bytes).toContain('ListChatGroup');
  });
});
