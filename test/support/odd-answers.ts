import { CATALOGUE } from './fault-cases.js';
import { ACME } from './gateway.js';
import { MEMBER, type OperationCase, type Outcome, type Transport } from './operations.js';
import { type WireAnswer, type WireDouble, startWireDouble } from './cams-wire-double.js';

/** A number with many groups. Each write gets its own, because an unknown outcome affects later writes to the group. */
export const POOL = { ...ACME, size: 3_000 } as const;
/** A number whose list of groups is odd. */
export const ODD_LIST = { custSpaceId: ACME.custSpaceId, businessNumber: '8613800000011' } as const;
/** The largest page that the gateway requests. */
export const PAGE_SIZE = 100;
export const LINK = 'https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv';
export const REQUEST_ID = '90E63D28-E31D-1EB2-8939-A94866411B2O';

/** What CAMS may quote, and no error may show. */
export const QUOTED = {
  number: '8613912345678',
  keyId: 'LTAI5tPzQvXyAbCdEfGhJkLm',
  user: 'bob@1234567890123456.onaliyun.com',
} as const;
const SECRETS = [...Object.values(QUOTED), '8613-9123-4567', '1234567890123456', 'node_modules', '.ts:'];

export type Fields = Readonly<Record<string, unknown>>;
/** Returns what the upstream sends instead of the correct response, which is given as JSON. */
export type OddAnswer = (sane: string) => WireAnswer;

/** How an operation ends: a code of the contract, or `done`. */
export type Ends = 'done' | 'NOT_FOUND' | keyof typeof CATALOGUE;

/** Responses to reads and to writes. */
export interface Judgement {
  readonly read: Ends;
  readonly write: Ends;
}

export const DONE: Judgement = { read: 'done', write: 'done' };
/** Not a response of CAMS: the outcome of a write is unknown. */
export const LOST: Judgement = { read: 'UPSTREAM_UNAVAILABLE', write: 'OUTCOME_UNKNOWN' };
export const THROTTLED: Judgement = { read: 'UPSTREAM_THROTTLED', write: 'UPSTREAM_THROTTLED' };
export const REJECTED: Judgement = { read: 'UPSTREAM_REJECTED', write: 'UPSTREAM_REJECTED' };
export const NOT_ALLOWED: Judgement = { read: 'UPSTREAM_NOT_ALLOWED', write: 'UPSTREAM_NOT_ALLOWED' };

/** An odd response to any operation. */
export interface OddCase extends Judgement {
  readonly what: string;
  readonly sends: OddAnswer;
  readonly upstreamCode?: string;
  /** Names of the operations, if not all. */
  readonly only?: readonly string[];
}

/** Sends these bytes as the body, with the headers of a JSON response unless others are given. */
export function bytes(
  body: string | Buffer,
  status = 200,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json;charset=utf-8' },
): WireAnswer {
  return (response) => {
    response.writeHead(status, { ...headers });
    response.end(body);
  };
}

/** Sends these bytes as the whole response, and closes the connection. */
export function wholeResponse(...parts: readonly (string | Buffer)[]): WireAnswer {
  return (_response, { socket }) => {
    for (const part of parts) socket.write(part);
    socket.end();
  };
}

/** Sends the correct response with other values of some fields; `undefined` removes a field. */
export function withFields(fields: Fields, status = 200, headers: Readonly<Record<string, string>> = {}) {
  return (sane: string): WireAnswer =>
    bytes(JSON.stringify({ ...(JSON.parse(sane) as Fields), ...fields }), status, {
      'content-type': 'application/json;charset=utf-8',
      ...headers,
    });
}

/** Sends a refusal: the envelope alone, with these fields. */
export function refusal(fields: Fields, status = 200, headers: Readonly<Record<string, string>> = {}) {
  return (): WireAnswer =>
    bytes(JSON.stringify({ RequestId: REQUEST_ID, Success: false, Message: 'None', ...fields }), status, {
      'content-type': 'application/json;charset=utf-8',
      ...headers,
    });
}

/** A CAMS that responds correctly, except to the actions that a test makes odd. */
export class OddUpstream {
  readonly #odd = new Map<string, OddAnswer>();
  /** How often each odd response was sent. */
  readonly sent = new Map<string, number>();

  private constructor(readonly double: WireDouble) {}

  static async start(): Promise<OddUpstream> {
    const upstream = new OddUpstream(await startWireDouble());
    upstream.double.answer = (response, request, index) => {
      const action = String(request.headers['x-acs-action']);
      const parameters = new URLSearchParams(request.query);
      const sane = JSON.stringify(saneAnswer(action, parameters));
      upstream.#answerTo(action, parameters, sane)(response, request, index);
    };
    return upstream;
  }

  get port(): number {
    return Number(new URL(`http://${this.double.host}`).port);
  }

  /** Makes the responses to these actions odd until {@link recover}. */
  disturb(actions: Iterable<string>, answer: OddAnswer): void {
    for (const action of actions) this.#odd.set(action, answer);
    this.sent.clear();
  }

  recover(): void {
    this.#odd.clear();
  }

  #answerTo(action: string, parameters: URLSearchParams, sane: string): WireAnswer {
    // Lists with a subject look for groups that other tests create, perhaps in the background.
    const odd = action === 'ListChatGroup' && parameters.has('Subject') ? undefined : this.#odd.get(action);
    if (!odd) return bytes(sane);
    this.sent.set(action, (this.sent.get(action) ?? 0) + 1);
    return odd(sane);
  }
}

export const groupId = (index: number): string => `group-${index}`;

/** Returns a row as CAMS lists it, with these fields; `undefined` removes a field. */
export function groupRow(fields: Fields = {}): Fields {
  return {
    GroupId: 'group-0',
    Subject: 'Kyoto in April',
    Description: 'None',
    BusinessNumber: ODD_LIST.businessNumber,
    GroupStatus: 'ACTIVE',
    InviteLink: LINK,
    ...fields,
  };
}

function saneAnswer(action: string, parameters: URLSearchParams): Fields {
  const envelope = { Code: 'OK', Message: 'None', Success: true, RequestId: REQUEST_ID };
  switch (action) {
    case 'ListChatGroup':
      return { ...envelope, Data: groupsFor(parameters) };
    case 'ListChatGroupParticipants':
      return { ...envelope, Data: { Total: 1, List: [{ ParticipantNumber: MEMBER }] } };
    case 'AddChatGroup':
      return { ...envelope, UniqueCode: 'c0de' };
    case 'AddChatGroupInviteLink':
      return { ...envelope, InviteLink: LINK };
    default:
      return { ...envelope, Result: 1 };
  }
}

function groupsFor(parameters: URLSearchParams): Fields {
  const BusinessNumber = parameters.get('BusinessNumber');
  if (parameters.has('Subject')) return { Total: 0, List: [] };
  if (BusinessNumber === ODD_LIST.businessNumber) return { Total: 1, List: [groupRow()] };
  const { Index, Size } = JSON.parse(parameters.get('Page') ?? '') as { Index: number; Size: number };
  const offset = (Index - 1) * Size;
  const length = Math.max(0, Math.min(Size, POOL.size - offset));
  const List = Array.from({ length }, (_, row) =>
    groupRow({ GroupId: groupId(offset + row), BusinessNumber }),
  );
  return { Total: POOL.size, List };
}

/** Describes how an operation ended, in the same words for both transports. */
export function endOf(
  transport: Transport,
  { restStatus }: OperationCase,
  { answer, error }: Outcome,
): string {
  if (error === undefined) {
    // 202: CAMS accepted it, and the list does not show it yet.
    const statuses = transport === 'REST' ? [restStatus, 202] : [200];
    return statuses.includes(answer.status) ? 'done' : `HTTP ${answer.status}`;
  }
  const { code, status, retryable, upstreamCode } = error;
  const expectedStatus = transport === 'GraphQL' ? 200 : status;
  const http = answer.status === expectedStatus ? '' : `, but HTTP ${answer.status}`;
  return `${code} ${status}${retryable === true ? ' retryable' : ''}${called(upstreamCode)}${http}`;
}

/** Describes the expected end in the same words. */
export function expectedEnd(ends: Ends, upstreamCode?: string): string {
  if (ends === 'done') return ends;
  const status = ends === 'NOT_FOUND' ? '404' : CATALOGUE[ends];
  return `${ends} ${status}${called(upstreamCode)}`;
}

/** Returns the secrets that a response shows, in its body or headers. */
export function leaksOf({ answer }: Outcome): string[] {
  const shown = `${answer.text}\n${JSON.stringify([...answer.headers])}`;
  return SECRETS.filter((secret) => shown.includes(secret));
}

function called(upstreamCode: string | undefined): string {
  return upstreamCode === undefined ? '' : ` (${upstreamCode})`;
}
