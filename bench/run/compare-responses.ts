import type { LoadRequest } from '../load/load-request.js';
import { send } from '../load/send.js';
import type { Server, ServerName } from '../servers/server.js';

/** The servers' responses differ, so measuring them would prove nothing. */
export class ResponsesDiffer extends Error {
  override readonly name = 'ResponsesDiffer';
}

/** Servers that may omit fields, but must send the same values in the others. An older build has fewer fields. */
const MAY_OMIT_FIELDS: ReadonlySet<ServerName> = new Set(['fastify-7-fields', 'against']);
/** The time of a listing, and the form of cursors, differ from server to server. */
const IGNORED_FIELDS: ReadonlySet<string> = new Set(['asOf', 'startCursor', 'endCursor']);
/** The gateway takes other code paths for requests it has seen before. */
const REPETITIONS = 4;
const MAX_REPORTED = 10;
const MAX_VALUE_LENGTH = 120;

/** Throws {@link ResponsesDiffer} unless all servers return identical responses to each request. */
export async function compareResponses(
  servers: readonly Server[],
  requests: readonly LoadRequest[],
): Promise<void> {
  const [first, ...others] = servers;
  if (first === undefined) return;
  for (const request of requests.flatMap((one) => Array<LoadRequest>(REPETITIONS).fill(one))) {
    const expected = await responseOf(first, request);
    for (const other of others) {
      const mayOmit = MAY_OMIT_FIELDS.has(other.name);
      const found = differences(expected, await responseOf(other, request), 'response', mayOmit);
      if (found.length === 0) continue;
      const lines = found.slice(0, MAX_REPORTED).map((line) => `  ${line}`);
      throw new ResponsesDiffer(
        `${first.name} and ${other.name} differ in ${found.length} places on ${request.method} ${request.path} ${request.body ?? ''}\n${lines.join('\n')}`,
      );
    }
  }
}

async function responseOf(server: Server, request: LoadRequest): Promise<unknown> {
  const { status, text } = await send(server.process.url, request);
  return { status, body: JSON.parse(text) as unknown };
}

/** Describes every place where two JSON values differ. With `mayOmit`, `b` may lack fields of `a`. */
export function differences(a: unknown, b: unknown, path: string, mayOmit = false): string[] {
  if (Object.is(a, b)) return [];
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.flatMap((item, index) => differences(item, b[index], `${path}[${index}]`, mayOmit));
  if (isObject(a) && isObject(b)) {
    const names = new Set([...(mayOmit ? [] : Object.keys(a)), ...Object.keys(b)]);
    return [...names]
      .filter((name) => !IGNORED_FIELDS.has(name))
      .flatMap((name) => differences(a[name], b[name], `${path}.${name}`, mayOmit));
  }
  return [`${path}: ${formatted(a)} and ${formatted(b)}`];
}

function formatted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
