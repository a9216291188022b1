import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';

/** Names of properties that every object inherits. */
const NAMES = ['constructor', 'hasOwnProperty', 'toString', 'valueOf', '__proto__', '__defineGetter__'];
const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const post = (body: string, headers: Record<string, string> = {}): Promise<Answer> =>
  gateway.rest(GROUPS, { method: 'POST', body, headers });
const codeOf = ({ body }: Answer): unknown => body.errors?.[0].extensions.code ?? body.code;

describe.each(NAMES)('the name %s', (name) => {
  it('is unknown like any other, wherever the path, the query or a body has it', async () => {
    const answers = await Promise.all([
      gateway.rest(`${GROUPS}?${name}=1`),
      gateway.rest(`${GROUPS}?status=${name}`),
      gateway.rest(`${GROUPS}?after=${name}`),
      gateway.rest(`/v1/operations?state=${name}`),
      post(`{"subject":"A","${name}":1}`),
      post(`{"subject":{"${name}":1}}`),
      post(`{"subject":[[{"a":{"${name}":{"${name}":null}}}]]}`),
      post(`{"${name}":{"subject":"A"}}`),
    ]);
    expect(answers.map(codeOf)).toEqual(answers.map(() => 'VALIDATION_FAILED'));
    const unknown = await Promise.all([
      gateway.rest(`${GROUPS}/${name}`),
      gateway.rest(`/v1/spaces/${name}/numbers/${ACME.businessNumber}/groups`),
      gateway.rest(`/v1/operations/${name}`),
      gateway.rest(`/v1/${name}`),
      gateway.rest(`/docs/${name}`),
    ]);
    expect(unknown.map(codeOf)).toEqual(unknown.map(() => 'NOT_FOUND'));
  });

  it('is a valid idempotency key, and replayed as one', async () => {
    const [first, again] = [
      await post('{"subject":"A"}', { 'idempotency-key': name }),
      await post('{"subject":"A"}', { 'idempotency-key': name }),
    ];
    expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([
      201,
      201,
      'true',
    ]);
  });

  it('is an ordinary code of CAMS', async () => {
    await gateway.sandbox.fault({ kind: 'reject', code: name, count: 2 });
    const answers = [await gateway.rest(GROUPS), await post('{"subject":"A"}')];
    expect(answers.map(codeOf)).toEqual(['UPSTREAM_REJECTED', 'UPSTREAM_REJECTED']);
    await gateway.sandbox.clearFaults();
  });

  it('is unknown to the controls of the sandbox', async () => {
    const send = (method: string, path: string, body?: string): Promise<Response> =>
      fetch(`${gateway.sandbox.url}/__sandbox__/${path}`, {
        method,
        ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
      });
    const answers = await Promise.all([
      send('POST', 'faults', `{"kind":"${name}"}`),
      send('POST', 'faults', `{"kind":"reject","action":"${name}"}`),
      send('POST', 'faults', `{"kind":"reject","${name}":1}`),
      send('POST', 'groups', `{"op":"${name}"}`),
      send('POST', 'members', `{"op":"${name}"}`),
      send('POST', 'settings', `{"limits":{"${name}":1}}`),
      send('DELETE', `faults?kind=${name}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
    expect((await send('GET', name)).status).toBe(404);
  });
});

it('names the nested field that every object inherits', async () => {
  const { body } = await post('{"subject":{"constructor":1}}');
  expect(body.violations).toContainEqual({ field: 'subject.constructor', message: 'is not a known field' });
});
