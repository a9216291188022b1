import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { ACME, type Answer } from '../support/gateway.js';
import { eventually } from '../support/eventually.js';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import { GROUPS, type TracedGateway, startTracedGateway } from '../support/traced-gateway.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const LIST = `query ($n: String!) { chatGroups(businessNumber: $n) { totalCount } }`;

let traced: TracedGateway;
beforeAll(async () => {
  traced = await startTracedGateway(({ settings }) => ({
    ...settings,
    OTEL_SERVICE_NAME: 'canary-gateway',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    // Reads meet CAMS, or wait for each other.
    CACHE_FRESH_MS: '0',
    CACHE_STALE_WHILE_REVALIDATE_MS: '0',
    CACHE_STALE_IF_ERROR_MS: '0',
  }));
});
afterAll(() => traced.close());
afterEach(() => traced.gateway.sandbox.clearFaults());

/** Returns the span of the request that got this response. */
function serverSpan({ headers }: Answer): Promise<ReceivedSpan> {
  const requestId = headers.get('x-request-id');
  return eventually(async () =>
    traced.receiver.spans.find(({ attributes }) => attributes['gateway.request_id'] === requestId),
  );
}

/** Returns all spans of the trace of the request that got this response. */
async function spansOf(answer: Answer): Promise<readonly ReceivedSpan[]> {
  const { traceId } = await serverSpan(answer);
  return traced.receiver.spans.filter((span) => span.traceId === traceId);
}

it.each([
  ['of another version', `01-${TRACE}-${CALLER}-01`, TRACE],
  ['in upper case', `00-${TRACE.toUpperCase()}-${CALLER}-01`, undefined],
  ['with a trace ID of zeros', `00-${'0'.repeat(32)}-${CALLER}-01`, undefined],
  ['with a parent ID of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
  ['that is too short', `00-${TRACE}-${CALLER}`, undefined],
  ['that is too long for its version', `00-${TRACE}-${CALLER}-01-more`, undefined],
  ['of version ff', `ff-${TRACE}-${CALLER}-01`, undefined],
  ['that is twice there', `00-${TRACE}-${CALLER}-01, 00-${TRACE}-${CALLER}-01`, undefined],
  ['whose trace ID could be a phone number', `00-${'0'.repeat(19)}8613800000001-${CALLER}-01`, undefined],
  ['that is not a traceparent', 'canary', undefined],
])('judges a traceparent %s', async (_what, traceparent, traceId) => {
  const answer = await traced.gateway.rest('/v1/viewer', { headers: { traceparent } });
  expect(answer.status).toBe(200);
  const span = await serverSpan(answer);
  expect(span.parentSpanId).toBe(traceId === undefined ? '' : CALLER);
  if (traceId === undefined) expect(span.traceId).toMatch(/^(?!4bf92f35|0{8})[0-9a-f]{32}$/);
  else expect(span.traceId).toBe(traceId);
});

it('follows the decision of the caller not to sample', async () => {
  traced.sentToCams.splice(0);
  const traceId = TRACE.replace('4bf', 'abc');
  const headers = { traceparent: `00-${traceId}-${CALLER}-00` };
  await traced.gateway.rest(GROUPS, { headers });
  await serverSpan(await traced.gateway.rest('/v1/viewer'));
  expect(traced.receiver.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  // CAMS may still continue the trace, unsampled.
  expect(traced.sentToCams).toEqual([expect.stringMatching(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))]);
});

it.each([
  [
    'without credentials',
    GROUPS,
    401,
    'UNAUTHENTICATED',
    '/v1/spaces/:custSpaceId/numbers/:businessNumber/groups',
  ],
  ['to no route', '/v1/no-such-route', 404, 'NOT_FOUND', undefined],
  ['with a malformed URL', '/v1/%zz', 400, undefined, undefined],
])('has a span of a refused request %s', async (_what, path, status, code, route) => {
  const answer = await traced.gateway.rest(path, { key: null });
  expect(answer.status).toBe(status);
  const { name, attributes, hasFailed } = await serverSpan(answer);
  expect([name, attributes['http.route']]).toEqual([route === undefined ? 'GET' : `GET ${route}`, route]);
  expect(attributes['http.response.status_code']).toBe(status);
  if (code !== undefined) expect(attributes['gateway.error_code']).toBe(code);
  // The caller's fault.
  expect(hasFailed).toBe(false);
});

it('marks what failed because CAMS did, with every attempt', async () => {
  await traced.gateway.sandbox.fault({ action: 'ListChatGroup', kind: 'http500' });
  const answer = await traced.gateway.rest(GROUPS);
  expect(answer.status).toBe(502);
  const spans = await spansOf(answer);
  const calls = spans.filter(({ name }) => name === 'ListChatGroup');
  expect(calls).toHaveLength(2);
  for (const { hasFailed, attributes } of calls)
    expect([hasFailed, attributes['error.type'], attributes['cams.outcome']]).toEqual([
      true,
      'UPSTREAM_UNAVAILABLE',
      'UPSTREAM_UNAVAILABLE',
    ]);
  const failed = spans.filter(({ hasFailed }) => hasFailed).map(({ kind }) => kind);
  expect(failed.toSorted()).toEqual(['client', 'client', 'internal', 'server']);
});

it('marks the GraphQL operation if the response has status 200', async () => {
  await traced.gateway.sandbox.fault({ action: 'ListChatGroup', kind: 'http500' });
  const answer = await traced.gateway.graphql(LIST, { n: ACME.businessNumber });
  const spans = await spansOf(answer);
  expect(spans.find(({ name }) => name === 'query')).toMatchObject({
    hasFailed: true,
    attributes: { 'error.type': 'UPSTREAM_UNAVAILABLE' },
  });
  expect(await serverSpan(answer)).toMatchObject({ hasFailed: false });
});

it('gives a shared call to the first reader, and links the others to it', async () => {
  await traced.gateway.sandbox.fault({ action: 'ListChatGroup', kind: 'latency', ms: 1_000 });
  const answers = await Promise.all(Array.from({ length: 5 }, () => traced.gateway.rest(GROUPS)));
  const traces = await Promise.all(answers.map(spansOf));
  const calls = traces.flat().filter(({ name }) => name === 'ListChatGroup');
  const reads = traces.flat().filter(({ name }) => name === 'cache read');
  const waiting = reads.filter(({ attributes }) => attributes['gateway.shared'] === true);
  expect([reads.length, calls.length, waiting.length]).toEqual([5, 1, 4]);
  const [call] = calls;
  for (const { attributes, links, spanId } of waiting) {
    expect([attributes['cache.outcome'], links]).toEqual(['collapsed', [call?.parentSpanId]]);
    expect(spanId).not.toBe(call?.parentSpanId);
  }
});

it('describes the process as the operator names it', async () => {
  const { resource } = await serverSpan(await traced.gateway.rest('/v1/viewer'));
  expect(resource).toMatchObject({
    'service.name': 'canary-gateway',
    'deployment.environment.name': 'test',
    'service.version': expect.stringMatching(/^\d/),
  });
});
