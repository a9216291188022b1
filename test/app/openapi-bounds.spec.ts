import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type TestGateway, startTestGateway } from '../support/gateway.js';
import { CALLS, type DeclaredCall, OPENAPI_FILE, type Schema, resolved } from '../support/openapi-file.js';

/** A number that is not the caller's: a valid request is answered with 404, before anything is written. */
const ELSEWHERE = { custSpaceId: 'cams-acme', businessNumber: '8613899999999', groupId: 'g', id: 'op_1' };

/** A property of a body or a parameter. */
interface Field {
  readonly call: DeclaredCall;
  readonly in: 'path' | 'query' | 'body';
  readonly name: string;
  readonly schema: Schema;
}

const fields: Field[] = CALLS.flatMap((call) => [
  ...call.parameters
    .filter((parameter) => parameter.in !== 'header')
    .map(({ name, in: place, schema }) => ({ call, in: place as 'path' | 'query', name, schema })),
  ...Object.values(call.requestBody?.content ?? {}).flatMap(({ schema }) =>
    Object.entries(resolved(schema).properties ?? {}).map(([name, property]) => ({
      call,
      in: 'body' as const,
      name,
      schema: property,
    })),
  ),
]).map((field) => ({ ...field, schema: resolved(field.schema) }));

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema(OPENAPI_FILE, 'openapi.json');

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

describe('the bounds in openapi.json', () => {
  it('are stated for every text, number and list', () => {
    const unbounded = fields
      .filter(({ schema }) => !isBounded(schema))
      .map(({ call, name }) => [call.path, name]);
    expect(unbounded).toEqual([]);
  });

  it.each(fields.map((field) => [`${field.call.operationId}: ${field.name}`, field] as const))(
    'are those that are enforced for %s',
    async (_, field) => {
      const valid = ajv.compile(field.schema);
      const values = valuesFor(field).filter((value) => field.in !== 'path' || value !== '');
      expect(values.map((value) => valid(value))).toContain(true);
      const enforced = await Promise.all(values.map(async (value) => [value, await accepts(field, value)]));
      expect(enforced).toEqual(values.map((value) => [value, valid(value)]));
    },
  );
});

function isBounded(schema: Schema): boolean {
  const { type, enum: values, minLength, maxLength, minimum, maximum, maxItems, items } = schema;
  if (type === 'boolean' || values) return true;
  if (type === 'integer') return minimum !== undefined && maximum !== undefined;
  if (type === 'array') return maxItems !== undefined && items !== undefined && isBounded(items);
  // A URL has a format instead of a minimum length.
  return maxLength !== undefined && (minLength !== undefined || 'format' in schema);
}

/** Returns values at, within and beyond the declared bounds, and of other types. */
function valuesFor({ in: place, name, schema }: Field): unknown[] {
  if (schema.enum) return [...schema.enum, 'UNKNOWN', 'active', ''];
  if (schema.type === 'boolean') return [true, false, 'true', 1];
  if (schema.type === 'integer') {
    const { minimum = 0, maximum = 0 } = schema;
    return [minimum, minimum - 1, minimum + 0.5, maximum, maximum + 1, 'x'];
  }
  if (schema.type !== 'array') {
    const texts = textsFor(name, schema);
    return place === 'body' ? [...texts, 7, ['a'], {}] : texts;
  }
  const { maxItems = 0, items = {} } = schema;
  const distinct = (count: number): string[] => Array.from({ length: count }, (_, at) => `861370000000${at}`);
  const single = [...textsFor(name, items), 7].map((text) => [text]);
  return [...single, distinct(maxItems), distinct(maxItems + 1), ['8613700000001', '8613700000001'], 'a', {}];
}

function textsFor(name: string, { minLength = 0, maxLength = 0 }: Schema): string[] {
  const atMaximum = name === 'businessNumber' ? [] : [textOf(name, maxLength)];
  return [
    textOf(name, name === 'profilePictureUrl' ? 40 : 20),
    ...(minLength > 0 ? [textOf(name, minLength), textOf(name, minLength - 1)] : []),
    // Longer than any number in digits; the only numbers of that length have spaces or punctuation.
    ...atMaximum,
    textOf(name, maxLength + 1),
    ...(isNumber(name) ? [] : ['a\u0007b', 'a\u2028b', ' ', 'http://images.acme.travel/a.jpg']),
    ...(name === 'description' ? ['a\nb', 'a\tb'] : []),
  ];
}

function isNumber(name: string): boolean {
  return name === 'businessNumber' || name === 'phoneNumbers';
}

/** Returns a text of this length in code points. */
function textOf(name: string, length: number): string {
  if (isNumber(name)) return '1'.repeat(Math.min(length, 20)).padEnd(length, ' ');
  const start = name === 'profilePictureUrl' ? 'https://images.acme.travel/' : '';
  return start === '' ? '𠮷'.repeat(length) : start.padEnd(length, 'a');
}

/** Sends a request that is valid except perhaps for this value, and returns whether the value was accepted. */
async function accepts({ call, in: place, name, schema }: Field, value: unknown): Promise<boolean> {
  const inPath: Record<string, unknown> = { ...ELSEWHERE, ...(place === 'path' && { [name]: value }) };
  const path = call.path.replaceAll(/\{(\w+)\}/g, (_match, part: string) =>
    encodeURIComponent(String(inPath[part])),
  );
  const query = place === 'query' ? `?${new URLSearchParams({ [name]: String(value) }).toString()}` : '';
  const body = Object.values(call.requestBody?.content ?? {})[0]?.example as object | undefined;
  const sent = place === 'body' ? { ...body, ...required(call), [name]: value } : body;
  const answer = await gateway.rest(`${path}${query}`, {
    method: call.method,
    ...(sent && { body: sent }),
  });
  const violations: readonly { field: string; message: string }[] = answer.body?.violations ?? [];
  expect([schema, answer.status]).toEqual([schema, violations.length > 0 ? 400 : answer.status]);
  return !violations.some(
    ({ field, message }) =>
      // Cursors are opaque: a text within the bounds may still be none.
      (field === name || field.startsWith(`${name}[`)) && !message.includes('cursor'),
  );
}

/** Of two lists of members that count together, only one is sent. */
function required({ operationId }: DeclaredCall): object {
  return operationId === 'removeParticipants' ? { phoneNumbers: undefined, participantIds: undefined } : {};
}
