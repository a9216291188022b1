import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';

const GROUPS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';

interface Route {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly hasQuery: boolean;
}

const BODIES: Readonly<Record<string, object>> = {
  createChatGroup: { subject: 'Complete' },
  updateChatGroup: { subject: 'Complete' },
  removeParticipants: { phoneNumbers: ['8613700000099'] },
};

/** Every route of the REST API, as the document lists them. */
const ROUTES: readonly Route[] = Object.entries(
  JSON.parse(readFileSync('openapi.json', 'utf8')).paths as Record<string, Record<string, Json>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, operation]) =>
    operation.operationId === undefined || !path.startsWith('/v1/')
      ? []
      : [
          {
            id: operation.operationId,
            method: method.toUpperCase(),
            path,
            ...(operation.requestBody && { body: BODIES[operation.operationId] }),
            hasQuery: (operation.parameters ?? []).some((parameter: Json) => parameter.in === 'query'),
          },
        ],
  ),
);
const WITHOUT_BODY = ROUTES.filter(({ method, body }) => method !== 'GET' && !body);

let gateway: TestGateway;
let groupId: string;
beforeAll(async () => {
  gateway = await startTestGateway({ TENANTS_FILE: 'test/support/tenants.quotas.yaml' });
  ({ groupId } = (await gateway.rest(GROUPS)).body.data[0]);
});
afterAll(() => gateway.close());

/** Sends a request that would succeed without `query` and `body`. */
function send(route: Route, query: string, body: unknown = route.body): Promise<Answer> {
  const path = route.path
    .replace('{custSpaceId}', 'cams-acme')
    .replace('{businessNumber}', '8613800000001')
    .replace('{groupId}', groupId)
    .replace('{id}', 'op_1b9d6bcd');
  return gateway.rest(`${path}${query}`, { method: route.method, ...(body !== undefined && { body }) });
}

/** Expects a refusal before anything was sent to CAMS. */
async function expectRefusal(sent: () => Promise<Answer>, violation: object): Promise<void> {
  const callsBefore = (await gateway.sandbox.calls()).length;
  const { status, body } = await sent();
  expect([status, body.violations]).toEqual([400, [violation]]);
  expect((await gateway.sandbox.calls()).length).toBe(callsBefore);
}

describe.each(ROUTES)('$id', (route) => {
  it.each(['ifMatch', 'constructor'])('refuses the unknown parameter %s', (field) =>
    expectRefusal(() => send(route, `?${field}=x`), { field, message: 'is not a known field' }),
  );
});

describe.each(WITHOUT_BODY)('$id, which takes no body,', (route) => {
  it.each([{ ifMatch: '"old"' }, ['x'], '"x"', 0, false])('refuses %j', (body) =>
    expectRefusal(() => send(route, '', body), { field: 'body', message: 'must be empty' }),
  );
});

it('accepts an empty object where no body is expected', async () => {
  const close = ROUTES.find(({ id }) => id === 'closeOperation');
  if (!close) throw new Error('The operation is missing.');
  expect((await send(close, '', {})).status).toBe(404);
});
