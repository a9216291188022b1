import type { LoadRequest } from '../load/load-request.js';
import { send } from '../load/send.js';
import type { Server } from '../servers/server.js';

/** The servers do not answer the same: what was measured would mean nothing. */
export class AnswersDiffer extends Error {
  override readonly name = 'AnswersDiffer';
}

/** When a page was listed is of each server's own. */
const OF_ITS_OWN: ReadonlySet<string> = new Set(['asOf']);
/** The gateway answers in other ways what it was asked before. */
const TIMES = 4;
const MAX_TOLD = 10;
const MAX_SHOWN = 120;

/** Throws {@link AnswersDiffer} unless each request is answered alike by all servers. */
export async function compareAnswers(
  servers: readonly Server[],
  requests: readonly LoadRequest[],
): Promise<void> {
  const [first, ...others] = servers;
  if (first === undefined) return;
  for (const request of requests.flatMap((one) => Array<LoadRequest>(TIMES).fill(one))) {
    const expected = await answerOf(first, request);
    for (const other of others) {
      const found = differences(expected, await answerOf(other, request), 'answer');
      if (found.length === 0) continue;
      const told = found.slice(0, MAX_TOLD).map((line) => `  ${line}`);
      throw new AnswersDiffer(
        `${first.name} and ${other.name} differ in ${found.length} places on ${request.method} ${request.path} ${request.body ?? ''}\n${told.join('\n')}`,
      );
    }
  }
}

async function answerOf(server: Server, request: LoadRequest): Promise<unknown> {
  const { status, text } = await send(server.process.url, request);
  return { status, body: JSON.parse(text) as unknown };
}

/** Every place where two JSON values differ. */
export function differences(a: unknown, b: unknown, path: string): string[] {
  if (Object.is(a, b)) return [];
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.flatMap((item, index) => differences(item, b[index], `${path}[${index}]`));
  if (isObject(a) && isObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names]
      .filter((name) => !OF_ITS_OWN.has(name))
      .flatMap((name) => differences(a[name], b[name], `${path}.${name}`));
  }
  return [`${path}: ${shown(a)} and ${shown(b)}`];
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
