/** A request as it is written to the socket. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer;
  /** How the body is framed; by default with its length, if there is one. */
  readonly framing?: 'length' | 'chunked' | 'none';
  /** How the request ends; by default whole. */
  readonly ending?: Ending;
}

/**
 * `truncated`: the client stops in the middle and closes its side. `aborted`: it closes the connection without waiting
 * for the response. `reset`: the same with a reset.
 */
export type Ending = 'whole' | 'truncated' | 'aborted' | 'reset';

/** What ordinary requests have in `Host`. */
export const DEFAULT_HOST = 'gateway.example.com';
const SHOWN_BODY = 2_000;

/** Returns the bytes of the request. */
export function bytesOf({ method, target, headers, body, framing = 'length' }: WireRequest): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (body !== undefined && framing === 'length') lines.push(`Content-Length: ${body.length}`);
  if (body !== undefined && framing === 'chunked') lines.push('Transfer-Encoding: chunked');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  if (body === undefined) return head;
  return Buffer.concat([head, framing === 'chunked' ? chunked(body) : body]);
}

/** Returns the first value of a header. */
export function headerOf({ headers }: Pick<WireRequest, 'headers'>, name: string): string | undefined {
  return headers.find(([one]) => one.toLowerCase() === name)?.[1];
}

/** Returns a shell command that sends nearly the same request. */
export function asCurl(request: WireRequest): string {
  const { method, target, headers, body, framing, ending } = request;
  const words = ['curl', '-sig', '-X', quoted(method), '--request-target', quoted(target)];
  for (const [name, value] of headers)
    if (value !== DEFAULT_HOST) words.push('-H', quoted(`${name}: ${value}`));
  if (headerOf(request, 'host') === undefined) words.push('-H', quoted('Host:'));
  if (framing === 'chunked') words.push('-H', quoted('Transfer-Encoding: chunked'));
  if (body !== undefined) words.push('--data-binary', quoted(body.toString().slice(0, SHOWN_BODY)));
  words.push('"$GATEWAY"');
  const notes = [
    ...(body !== undefined && body.length > SHOWN_BODY ? [`body of ${body.length} bytes, shortened`] : []),
    ...(ending !== undefined && ending !== 'whole' ? [`request ${ending}`] : []),
    ...(framing === 'none' ? ['without framing'] : []),
  ];
  return words.join(' ') + (notes.length === 0 ? '' : `  # ${notes.join(', ')}`);
}

function chunked(body: Buffer): Buffer {
  const middle = Math.ceil(body.length / 2);
  const parts = [body.subarray(0, middle), body.subarray(middle)].filter(({ length }) => length > 0);
  return Buffer.concat([
    ...parts.map((part) =>
      Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
    ),
    Buffer.from('0\r\n\r\n'),
  ]);
}

/** Quotes for a shell: as `$'…'` if there is something unprintable. */
function quoted(text: string): string {
  if (/^[ -&(-~]*$/.test(text)) return `'${text}'`;
  const escaped = text.replace(/[^ -&(-[\]-~]/g, (character) =>
    character === '\\' || character === "'"
      ? `\\${character}`
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `$'${escaped}'`;
}
