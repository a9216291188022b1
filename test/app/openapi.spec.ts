import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ERRORS, type ErrorCode } from '../../src/errors/catalogue.js';
import {
  CALLS,
  type DeclaredResponse,
  OPENAPI_FILE,
  type Schema,
  resolved,
} from '../support/openapi-file.js';

const root = new URL('../../', import.meta.url);
const { components, info, security, tags } = OPENAPI_FILE;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(OPENAPI_FILE, 'openapi.json');

/** Statuses that every call declares, those of calls to CAMS, and those of writes. */
const ANY = ['400', '401', '406', '429', '500', '503'];
const UPSTREAM = ['403', '404', '422', '502', '504'];
const WRITE = ['408', '409', '413', '415'];
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  getViewer: ['200', ...ANY],
  listChatGroups: ['200', '304', ...ANY, ...UPSTREAM],
  createChatGroup: ['201', '202', ...ANY, ...UPSTREAM, ...WRITE],
  getChatGroup: ['200', '304', ...ANY, ...UPSTREAM],
  updateChatGroup: ['200', '202', '412', ...ANY, ...UPSTREAM, ...WRITE],
  deleteChatGroup: ['204', '412', ...ANY, ...UPSTREAM, ...WRITE],
  createInviteLink: ['200', '412', ...ANY, ...UPSTREAM, ...WRITE],
  deleteInviteLink: ['204', '412', ...ANY, ...UPSTREAM, ...WRITE],
  getInviteLinkQrSvg: ['200', ...ANY, ...UPSTREAM],
  getInviteLinkQrPng: ['200', ...ANY, ...UPSTREAM],
  listParticipants: ['200', ...ANY, ...UPSTREAM],
  removeParticipants: ['200', '412', ...ANY, ...UPSTREAM, ...WRITE],
  listOperations: ['200', ...ANY, ...UPSTREAM],
  getOperation: ['200', ...ANY, ...UPSTREAM],
  closeOperation: ['200', ...ANY, ...UPSTREAM, ...WRITE],
};

function shared({ $ref, ...response }: DeclaredResponse): DeclaredResponse {
  return $ref === undefined ? response : (components.responses[$ref.split('/').at(-1) ?? ''] ?? response);
}

/** Every response of every call, by `operationId status`. */
const responses = CALLS.flatMap(({ operationId, responses: own }) =>
  Object.entries(own).map(([status, response]) => ({
    name: `${operationId} ${status}`,
    status: Number(status),
    writes: (EXPECTED[operationId] ?? []).includes('409'),
    ...shared(response),
  })),
);

describe('openapi.json', () => {
  it('declares these calls, each with its own statuses', () => {
    const declared = CALLS.map((call) => [call.operationId, Object.keys(call.responses).toSorted()] as const);
    const expected = Object.entries(EXPECTED).map(([id, statuses]) => [id, statuses.toSorted()] as const);
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(expected));
  });

  it('has an example of every problem, as the catalogue defines it', () => {
    const valid = ajv.compile({ $ref: 'openapi.json#/components/schemas/ProblemAnswer' });
    for (const { name, status, content } of responses.filter((response) => response.status >= 400)) {
      expect([name, Object.keys(content ?? {})]).toEqual([name, ['application/problem+json']]);
      const examples = Object.entries(content?.['application/problem+json']?.examples ?? {});
      expect([name, examples.length > 0]).toEqual([name, true]);
      for (const [code, { value }] of examples) {
        const { title, retryable } = ERRORS[code as ErrorCode];
        expect(value).toMatchObject({ code, status, title, retryable, type: `/docs/errors#${code}` });
        expect([valid(value), valid.errors]).toEqual([true, null]);
      }
    }
  });

  it('has an example of every error of the REST API', () => {
    const shown = Object.values(components.responses).flatMap(({ content }) =>
      Object.keys(content?.['application/problem+json']?.examples ?? {}),
    );
    // Neither GraphQL's errors nor that of an undeclared method can be a response to a declared call.
    const others = ['PERSISTED_QUERY_NOT_FOUND', 'QUERY_REFUSED', 'METHOD_NOT_ALLOWED'];
    expect([...new Set([...shown, ...others])].toSorted()).toEqual(Object.keys(ERRORS).toSorted());
  });

  it('has an example of every conflict that a write can meet', () => {
    const declared = responses
      .filter(({ status }) => status === 409)
      .map(({ name, content }) => [
        name.split(' ')[0],
        Object.keys(content?.['application/problem+json']?.examples ?? {}),
      ]);
    const group = ['CONFLICT', 'IDEMPOTENCY_IN_FLIGHT'];
    const other = ['IDEMPOTENCY_IN_FLIGHT'];
    expect(Object.fromEntries(declared)).toEqual({
      createChatGroup: group,
      updateChatGroup: group,
      deleteChatGroup: group,
      createInviteLink: other,
      deleteInviteLink: other,
      removeParticipants: other,
      closeOperation: other,
    });
  });

  it.each([
    ['X-Request-Id', () => true],
    ['X-Caller-Request-Id', () => true],
    // Sent before the credentials are checked.
    ['RateLimit', ({ status }) => ![401, 408].includes(status)],
    ['RateLimit-Policy', ({ status }) => ![401, 408].includes(status)],
    ['WWW-Authenticate', ({ status }) => status === 401],
    [
      'Retry-After',
      ({ name, status }) =>
        [409, 429, 502, 503, 504].includes(status) ||
        ['createChatGroup 202', 'getOperation 200'].includes(name),
    ],
    [
      'Idempotency-Replayed',
      ({ status, writes }) => writes && (status < 300 || [400, 404, 422, 502, 504].includes(status)),
    ],
    ['Coherence', ({ status, writes }) => writes && status < 300],
  ] satisfies [string, (response: (typeof responses)[number]) => boolean][])(
    'declares %s where it can be sent',
    (header, expected) => {
      const declaring = responses.filter(({ headers = {} }) => header in headers).map(({ name }) => name);
      expect(declaring).toEqual(responses.filter(expected).map(({ name }) => name));
    },
  );

  it('declares the headers of 304', () => {
    const headersOf = (name: string): string[] =>
      Object.keys(responses.find((response) => response.name === name)?.headers ?? {});
    expect(headersOf('listChatGroups 304')).toEqual(headersOf('listChatGroups 200'));
    expect(headersOf('getChatGroup 304')).toEqual(headersOf('getChatGroup 200'));
    expect(headersOf('getChatGroup 304')).toContain('ETag');
  });

  it('describes and exemplifies every property, parameter, header and JSON body', () => {
    const named: (readonly [string, Schema & { description?: string }])[] = [
      ...Object.entries(components.schemas).flatMap(([name, { properties = {} }]) =>
        Object.entries(properties).map(([property, schema]) => [`${name}.${property}`, schema] as const),
      ),
      ...CALLS.flatMap(({ operationId, parameters }) =>
        parameters.map(
          ({ name, schema, ...own }) => [`${operationId}(${name})`, { ...schema, ...own }] as const,
        ),
      ),
      ...Object.entries(components.headers).map(
        ([name, { description, schema }]) => [name, { ...schema, description }] as const,
      ),
    ];
    const bare = named
      .filter(([, schema]) => !schema.description || !hasExample(schema))
      .map(([name]) => name);
    expect(bare).toEqual([]);
    const bodies = CALLS.flatMap(({ operationId, requestBody, responses: own }) =>
      [...(requestBody ? [requestBody] : []), ...Object.values(own)].flatMap(({ content = {} }) =>
        Object.entries(content)
          .filter(([type]) => !type.startsWith('image/'))
          .map(([, { example }]) => [operationId, example !== undefined] as const),
      ),
    );
    expect(bodies.filter(([, exemplified]) => !exemplified)).toEqual([]);
  });

  it('accepts API keys and tokens, the former in either header', () => {
    expect(components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
      apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
    });
    expect(security).toEqual([{ bearer: [] }, { apiKey: [] }]);
  });

  it('has the version of the package, a contact and described tags', () => {
    const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
      version: string;
    };
    expect(info).toMatchObject({ version, contact: { name: expect.stringMatching(/\w/) } });
    expect(tags.filter(({ description }) => description.length < 10)).toEqual([]);
  });

  it.each([
    ['redocly', ['lint', 'openapi.json', '--format=json'], '"problems": []'],
    ['spectral', ['lint', 'openapi.json', '--quiet', '--format=json', '--fail-severity=hint'], '[]'],
  ])('has no findings of %s', async (linter, options, clean) => {
    const binary = new URL(`node_modules/.bin/${linter}`, root).pathname;
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const { stdout } = await promisify(execFile)(binary, options, { env, cwd: root.pathname });
    expect(stdout).toContain(clean);
  });
});

/** Whether a schema has an example, itself or in the parts of which it consists. */
function hasExample(schema: Schema): boolean {
  const { example, examples, properties, items } = resolved(schema);
  if (example !== undefined || examples !== undefined) return true;
  if (items) return hasExample(items);
  return properties !== undefined && Object.values(properties).every(hasExample);
}
