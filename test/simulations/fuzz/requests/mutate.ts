import { gzipSync } from 'node:zlib';
import { onceIn, weighted } from '../../chance.js';
import type { Random } from '../../coherence/random.js';
import type { WireRequest } from '../wire/wire-request.js';
import { changedJson } from './mutate-json.js';
import { HEADER_VALUES, METHODS, ODD_HEADERS, TARGETS, TYPES } from './odd-parts.js';
import { headerText } from './rest.js';
import { INHERITED_NAMES, oddText } from './values.js';

/** Changes one thing about a request; `undefined` if the change does not apply. */
type Mutation = (random: Random, request: WireRequest) => WireRequest;

const MUTATIONS: readonly (readonly [weight: number, mutation: Mutation])[] = [
  [2, (random, request) => withBody(request, (text) => deepened(random, text))],
  [14, (random, request) => withBody(request, (text) => changedJson(random, text))],
  [3, (random, request) => withBody(request, (text) => text.slice(0, random.between(0, text.length)))],
  [
    2,
    (random, request) =>
      withBody(request, (text) => random.pick(['[', '{"a":']).repeat(random.pick([10, 33, 5_000])) + text),
  ],
  [
    2,
    (random, request) =>
      withBytes(request, (bytes) =>
        Buffer.concat([bytes, Buffer.alloc(random.pick([1, 60_000, 66_000, 200_000]), ' ')]),
      ),
  ],
  [2, (random, request) => withBytes(request, (bytes) => flipped(random, bytes))],
  [1, (_random, request) => withBytes(request, (bytes) => Buffer.from(bytes.toString(), 'utf16le'))],
  [
    1,
    (random, request) =>
      withHeader(
        withBytes(request, (bytes) => gzipSync(bytes)),
        'Content-Encoding',
        random.pick(['gzip', 'br', 'identity', 'x']),
      ),
  ],
  [3, (random, request) => withHeader(request, 'Content-Type', random.pick(TYPES))],
  [3, (random, request) => ({ ...withoutBody(request), method: random.pick(METHODS) })],
  [2, (random, request) => ({ ...request, method: random.pick(METHODS) })],
  [4, (random, request) => ({ ...request, target: random.pick(TARGETS) })],
  [3, (random, request) => ({ ...request, target: changedTarget(random, request.target) })],
  [
    6,
    (random, request) =>
      added(
        request,
        random.pick(ODD_HEADERS),
        headerText(onceIn(random, 4) ? oddText(random) : random.pick(HEADER_VALUES)),
      ),
  ],
  [3, (random, request) => doubled(random, request)],
  [2, (random, request) => ({ ...request, headers: request.headers.toSpliced(random.between(0, 4), 1) })],
  [
    1,
    (random, request) =>
      added(
        request,
        random.pick([...INHERITED_NAMES, 'X-Long']),
        'y'.repeat(random.pick([1, 3_000, 17_000])),
      ),
  ],
  [2, (_random, request) => ({ ...request, framing: 'chunked' })],
  [1, (random, request) => ({ ...request, body: request.body ?? Buffer.from(random.pick(['', '{}', 'x'])) })],
];

/** Changes one to three things about the request. */
export function mutated(random: Random, request: WireRequest): WireRequest {
  let changed = request;
  for (let left = random.pick([1, 1, 1, 2, 3]); left > 0; left -= 1)
    changed = weighted(random, MUTATIONS)(random, changed);
  return changed;
}

/** Makes the client end the request early. */
export function endedEarly(random: Random, request: WireRequest): WireRequest {
  return { ...request, ending: random.pick(['truncated', 'aborted', 'aborted', 'reset']) };
}

/** Returns bytes that are barely HTTP. */
export function malformed(random: Random, { headers }: WireRequest): WireRequest {
  const [method, target] = random.pick([
    ['GET', ' /v1/viewer'],
    ['GET', '/v1/viewer HTTP/1.0\r\nX: y'],
    ['G\u0000T', '/v1/viewer'],
    ['', '/v1/viewer'],
    ['GET /v1/viewer HTTP/1.1\r\n\r\nGET', '/v1/viewer'],
    ['POST', '/graphql HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6'],
    ['POST', '/graphql HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked'],
    ['POST', '/graphql HTTP/1.1\r\nTransfer-Encoding: chunked, identity'],
    ['POST', '/graphql HTTP/1.1\r\nContent-Length: -1'],
    ['GET', '/v1/viewer HTTP/1.1\r\n X-Folded: 1'],
    ['GET', '/v1/viewer HTTP/1.1\r\nX-Odd\u0001: 1'],
    ['GET', '/v1/viewer HTTP/9.9\r\nX: y'],
    ['\u0016\u0003\u0001', '\u0000'],
    ['PRI', '* HTTP/2.0\r\n\r\nSM'],
  ] as const);
  return { method, target, headers: onceIn(random, 2) ? headers : [], framing: 'none' };
}

/** Replaces a value by a deeply nested one, as text: serializing it would exhaust the stack. */
function deepened(random: Random, text: string): string {
  const depth = random.pick([31, 32, 33, 1_000, 5_000, 15_000]);
  const deep = random.pick([
    `${'['.repeat(depth)}1${']'.repeat(depth)}`,
    `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  ]);
  return text.replace(/:("(?:\\.|[^"\\])*"|\d+|null)/, () => `:${deep}`);
}

function withBody(request: WireRequest, change: (text: string) => string): WireRequest {
  return withBytes(request, (bytes) => Buffer.from(change(bytes.toString())));
}

function withoutBody({ body: _body, ...request }: WireRequest): WireRequest {
  return request;
}

function withBytes(request: WireRequest, change: (bytes: Buffer) => Buffer): WireRequest {
  return request.body === undefined ? request : { ...request, body: change(request.body) };
}

function withHeader(request: WireRequest, name: string, value: string): WireRequest {
  const others = request.headers.filter(([one]) => one.toLowerCase() !== name.toLowerCase());
  return { ...request, headers: [...others, [name, value]] };
}

function added(request: WireRequest, name: string, value: string): WireRequest {
  return { ...request, headers: [...request.headers, [name, value]] };
}

function doubled(random: Random, request: WireRequest): WireRequest {
  const others = request.headers.filter(([name]) => !/^(x-request-id|content-length)$/i.test(name));
  if (others.length === 0) return request;
  const [name, value] = random.pick(others);
  return added(request, name, onceIn(random, 2) ? value : `${value}x`);
}

function changedTarget(random: Random, target: string): string {
  const [path = '', query = ''] = target.split('?', 2);
  const segments = path.split('/');
  segments[random.between(0, segments.length - 1)] = encodeURIComponent(oddText(random).toWellFormed()).slice(
    0,
    6_000,
  );
  const parameters = query.split('&');
  const again = parameters[random.between(0, parameters.length - 1)];
  return random.pick([
    segments.join('/') + (query === '' ? '' : `?${query}`),
    `${path}?${query}&${again}`,
    `${path}?${query}&${encodeURIComponent(random.pick(INHERITED_NAMES))}=1`,
    `${path}?${query}&unknown=${encodeURIComponent(oddText(random).toWellFormed()).slice(0, 2_000)}`,
    `${path}/?${query}`,
    `${path}%2f?${query}`,
    path.toUpperCase(),
    `http://gateway.example.com${target}`,
  ]);
}

function flipped(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[random.between(0, copy.length - 1)] = random.between(0, 255);
  return copy;
}
