import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { assertDeclared } from '../../../support/declared-answers.js';
import { headerOf } from '../wire/wire-request.js';
import type { WireResponse } from '../wire/response-parser.js';
import type { FuzzRequest } from '../requests/draft.js';
import type { Canaries } from './canaries.js';
import type { Breach } from './findings.js';

interface GraphqlError {
  readonly message?: unknown;
  readonly extensions?: {
    readonly code?: unknown;
    readonly requestId?: unknown;
    readonly status?: unknown;
    readonly retryable?: unknown;
  };
}

const document = JSON.parse(readFileSync(new URL('../../../../openapi.json', import.meta.url), 'utf8')) as {
  components: { schemas: { ErrorCode: { enum: string[] } } };
};
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema(document, 'openapi.json');
const isProblem = ajv.compile({ $ref: 'openapi.json#/components/schemas/ProblemAnswer' });
export const NO_INTERNAL_ERROR = 'no internal error';
const CODES: ReadonlySet<unknown> = new Set(document.components.schemas.ErrorCode.enum);

/** Returns the promises that a response breaks. */
export function judge(request: FuzzRequest, response: WireResponse, canaries: Canaries): Breach[] {
  const { status, headers, body } = response;
  const { method } = request.wire;
  const text = body.toString();
  const type = headers['content-type'] ?? '';
  const found: Breach[] = [];
  const broken = (property: string, kind: string, detail = text.slice(0, 400)): void => {
    found.push({ property, kind, detail: `${status} ${detail}` });
  };
  const requestId = headers['x-request-id'];
  if (requestId === undefined) broken('a request ID', `${status} ${type}`);
  const json = type.includes('json') && text !== '' ? parsed(text) : undefined;
  if (json === NOT_JSON) broken('valid JSON', `${status}`);
  const errors = errorsOf(json);
  if (
    status === 500 ||
    errors.some(({ extensions }) => extensions?.code === 'INTERNAL') ||
    (text.includes('"code":"INTERNAL"') && !text.startsWith('{"openapi"'))
  )
    broken(
      NO_INTERNAL_ERROR,
      `${request.transport} ${status} ${/"message":"([^"]{0,60})/.exec(text)?.[1] ?? ''}`,
    );
  const canary = canaries.inResponse(request.owner, text + JSON.stringify(headers));
  if (canary !== undefined)
    broken('nothing of other tenants, no secrets', `${canary} for ${request.owner?.id ?? 'nobody'}`);
  if (status >= 400 && method !== 'HEAD' && !isPage(request, status, type)) {
    const fault =
      errors.length > 0 ? faultOfErrors(errors, requestId) : faultOfProblem(json, type, status, requestId);
    if (fault !== undefined) broken('errors of the catalogue', `${status} ${fault}`);
  } else if (errors.length > 0) {
    const fault = faultOfErrors(errors, requestId);
    if (fault !== undefined) broken('errors of the catalogue', `GraphQL ${fault}`);
  }
  const number =
    status >= 400
      ? canaries.numberIn(text)
      : errors.length > 0
        ? canaries.numberIn(JSON.stringify(errors))
        : undefined;
  if (number !== undefined)
    broken('no numbers in errors', `${request.transport} ${request.operation} ${status}`);
  const undeclared = undeclaredIn(request, response, json);
  if (undeclared !== undefined)
    broken('declared responses', undeclared.split('\n', 1)[0] ?? '', undeclared.slice(0, 600));
  return found;
}

const NOT_JSON = Symbol('not JSON');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}

function errorsOf(json: unknown): readonly GraphqlError[] {
  const { errors } = (typeof json === 'object' && json !== null ? json : {}) as { errors?: unknown };
  return Array.isArray(errors) ? (errors as GraphqlError[]) : [];
}

/** Pages for people are HTML. */
function isPage({ wire }: FuzzRequest, status: number, type: string): boolean {
  return status === 404 && type.startsWith('text/html') && /html|\*/.test(headerOf(wire, 'accept') ?? '');
}

function faultOfErrors(errors: readonly GraphqlError[], requestId: string | undefined): string | undefined {
  for (const { message, extensions } of errors) {
    if (typeof message !== 'string') return 'an error without a message';
    if (!CODES.has(extensions?.code)) return `an error with the code ${String(extensions?.code)}`;
    if (extensions?.requestId !== requestId) return 'an error with another request ID';
    if (typeof extensions?.status !== 'number' || typeof extensions.retryable !== 'boolean')
      return 'an error without status or retryable';
  }
  return undefined;
}

function faultOfProblem(
  json: unknown,
  type: string,
  status: number,
  requestId: string | undefined,
): string | undefined {
  if (!type.startsWith('application/problem+json')) return `of type ${type}`;
  if (!isProblem(json)) return ajv.errorsText(isProblem.errors);
  const problem = json as { status: number; requestId: string };
  if (problem.status !== status) return `a problem with status ${problem.status}`;
  return problem.requestId === requestId ? undefined : 'a problem with another request ID';
}

function undeclaredIn(
  { wire }: FuzzRequest,
  { status, headers, body }: WireResponse,
  json: unknown,
): string | undefined {
  // What is not HTTP is refused for any route and method.
  if (status === 400 && body.includes('not valid HTTP')) return undefined;
  if (!wire.target.startsWith('/v1/')) return undefined;
  try {
    const type = headers['content-type'] ?? null;
    const path = wire.target.split(/[?#]/, 1)[0] ?? '';
    assertDeclared(wire.method, path, status, type, json ?? (body.length > 0 ? body.toString() : undefined));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
