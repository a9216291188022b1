import { CALLS, type DeclaredCall, type Parameter } from '../../../support/openapi-file.js';
import { onceIn } from '../../chance.js';
import type { Random } from '../../coherence/random.js';
import { type Draft, encoded } from './draft.js';
import { jsonValue } from './values.js';
import type { TenantValues } from './known-values.js';

/** Operations that remove groups: too many of them would leave nothing to work with. */
const RARE = 3;

/** Generates a mostly valid call of an operation in `openapi.json`. */
export function restDraft(random: Random, whose: TenantValues): Draft {
  const call = random.pick(CALLS);
  if (call.method === 'DELETE' && !onceIn(random, RARE)) return restDraft(random, whose);
  return draftOf(call, random, whose);
}

/** Generates a call of the given operation. */
export function draftOf(call: DeclaredCall, random: Random, whose: TenantValues): Draft {
  const { operationId, method, parameters, requestBody } = call;
  const value = ({ name, schema }: Parameter): unknown =>
    call.path.startsWith('/v1/operations') && name === 'id'
      ? random.pick(whose.values.get('operationId') ?? ['op_none'])
      : jsonValue(random, whose, name, schema);
  const given = parameters.filter(({ required }) => required === true || onceIn(random, 4));
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = given.find((one) => one.name === name);
    return encoded(parameter ? value(parameter) : 'x');
  });
  const query = given
    .filter((one) => one.in === 'query')
    .map((parameter) => `${parameter.name}=${encoded(value(parameter))}`);
  const schema = requestBody?.content['application/json']?.schema;
  return {
    operation: operationId,
    transport: 'REST',
    method,
    target: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers: given
      .filter((one) => one.in === 'header')
      .map((parameter) => [parameter.name, headerText(value(parameter))]),
    ...(schema !== undefined && { body: JSON.stringify(jsonValue(random, whose, 'body', schema)) }),
  };
}

/** Line breaks would end the header. */
export function headerText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\r\n\u0000]/g, ' ').slice(0, 6_000);
}
