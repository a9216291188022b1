import { MAX_PAGE_SIZE } from '../../src/chat-groups/model/page-size.js';
import { GLOBEX_KEY, type TestGateway } from './gateway.js';
import { type Part, type Shape, inArrays, named } from './isolation-shapes.js';
import { type OperationCase, type Outcome, type Target, type Transport, ask } from './operations.js';
import type { LoggedCall } from './sandbox-control.js';

/** What a caller sees when it names resources that it does not own. */
export interface Sight {
  /** Error codes for each operation. */
  readonly codes: Readonly<Record<string, readonly string[]>>;
  /** Operations whose responses can be told apart. */
  readonly toldApart: readonly string[];
  /** Operations whose responses quote the given names. */
  readonly quoting: readonly string[];
  /** Calls that must not have reached CAMS. */
  readonly calls: readonly string[];
}

/** A space, number and group that do not exist. */
export const UNKNOWN: Target = {
  custSpaceId: 'cams-nobody',
  businessNumber: '8613900000002',
  groupId: '0A1B2C3D4E5F60718293A4B5',
};

/** The caller, its operations and its transport. */
export interface Asking {
  readonly gateway: TestGateway;
  readonly transport: Transport;
  readonly operations: readonly OperationCase[];
  readonly key?: string;
}

/** Runs each operation for each of the names, all written in one shape, and returns what the caller sees. */
export async function lookUp(
  { gateway, transport, operations, key }: Asking,
  shape: Shape,
  own: Target,
  names: readonly Target[],
): Promise<Sight> {
  await gateway.sandbox.forgetCalls();
  const targets = names.map((name) => named(own, shape, name));
  const asked = await Promise.all(
    operations.map(async (operation) => {
      const one = shape.inArray === true ? withArrays(operation, shape.part) : operation;
      const options = key === undefined ? {} : { key };
      const outcomes = await Promise.all(
        targets.map((target) => ask(gateway, transport, one, target, options)),
      );
      return { name: operation.name, outcomes };
    }),
  );
  const calls = await gateway.sandbox.calls();
  const scans = shape.part === 'group' && shape.refusal[transport] === 'NOT_FOUND';
  const written = targets.map((target) => partOf(target, shape.part)).filter((name) => name !== '');
  const those = (sees: (outcomes: readonly Outcome[]) => boolean): string[] =>
    asked.filter(({ outcomes }) => sees(outcomes)).map(({ name }) => name);
  return {
    codes: Object.fromEntries(asked.map(({ name, outcomes }) => [name, codesOf(outcomes)])),
    toldApart: those((outcomes) => new Set(outcomes.map((one) => fingerprint(one, scans))).size > 1),
    quoting: those((outcomes) => outcomes.some(({ answer }) => quotes(answer.text, written))),
    calls: (scans ? calls.filter((call) => !isScanOf(own, call)) : calls).map(({ action }) => action),
  };
}

/** Returns the result of {@link lookUp} if nothing leaks. */
export function nothingBut(code: string, operations: readonly OperationCase[]): Sight {
  const codes = Object.fromEntries(operations.map(({ name }) => [name, [code]]));
  return { codes, toldApart: [], quoting: [], calls: [] };
}

/** Returns a response without the parts that differ between any two responses to the same request. */
export function fingerprint({ answer }: Outcome, scanned = false): string {
  const varying = new Set(['date', 'x-request-id', 'ratelimit']);
  // Of all requests that share a scan, only the one that started it returns the upstream request ID.
  if (scanned) varying.add('x-upstream-request-id');
  const headers = [...answer.headers].filter(([name]) => !varying.has(name));
  const body = answer.text.replace(/"requestId":"[^"]*"/g, '"requestId":""');
  return JSON.stringify([answer.status, headers, body]);
}

/** Makes the gateway see every group of globex, as it would while that tenant uses it. */
export async function letGlobexWork(
  gateway: TestGateway,
  { custSpaceId, businessNumber }: Target,
): Promise<void> {
  const path = `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups?size=${MAX_PAGE_SIZE}`;
  const { status } = await gateway.rest(path, { key: GLOBEX_KEY });
  if (status !== 200) throw new Error(`The groups of globex could not be listed: ${status}`);
}

/** Whether a call is a listing of the caller's own number without any other names. */
function isScanOf({ custSpaceId, businessNumber }: Target, { action, parameters }: LoggedCall): boolean {
  const { CustSpaceId, BusinessNumber, ChannelType, Page, ...more } = parameters;
  return (
    action === 'ListChatGroup' &&
    CustSpaceId === custSpaceId &&
    BusinessNumber === businessNumber &&
    ChannelType === 'WHATSAPP' &&
    typeof Page === 'object' &&
    Object.keys(more).every((name) => !/group|subject/i.test(name))
  );
}

function withArrays(operation: OperationCase, part: Part): OperationCase {
  return {
    ...operation,
    graphql(target) {
      const { query, variables } = operation.graphql(target);
      return { query, variables: inArrays(part, variables) };
    },
  };
}

function partOf({ custSpaceId, businessNumber, groupId }: Target, part: Part): string {
  return { space: custSpaceId, number: businessNumber, group: groupId, everything: groupId }[part];
}

function codesOf(outcomes: readonly Outcome[]): string[] {
  return [...new Set(outcomes.map(({ error }) => String(error?.code)))];
}

function quotes(text: string, names: readonly string[]): boolean {
  return names.some((name) => text.includes(name) || text.includes(JSON.stringify(name).slice(1, -1)));
}
