import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';

/** One response from the gateway. */
export interface WireResponse {
  readonly status: number;
  /** Names in lower case. Repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Buffer;
}

const EMPTY = Buffer.alloc(0);
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

/** Cuts the bytes of a connection into responses. `wantsBody` says whether the next response may have a body. */
export class ResponseParser {
  #rest: Buffer = EMPTY;

  constructor(
    private readonly wantsBody: () => boolean,
    private readonly done: (response: WireResponse) => void,
  ) {}

  /** Throws if the bytes are not HTTP. */
  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let taken = this.#take(); taken !== undefined; taken = this.#take()) {
      // An interim response precedes the final one.
      if (taken.status >= 200) this.done(taken);
    }
  }

  /** Whether part of a response has arrived. */
  get unfinished(): boolean {
    return this.#rest.length > 0;
  }

  #take(): WireResponse | undefined {
    const end = this.#rest.indexOf(END_OF_HEAD);
    if (end < 0) return undefined;
    const [first = '', ...lines] = this.#rest.toString('latin1', 0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(first)?.[1]);
    if (!(status >= 100)) throw new Error(`Not a response: ${first.slice(0, 100)}`);
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const at = line.indexOf(':');
      const name = line.slice(0, at).toLowerCase();
      const value = line.slice(at + 1).trim();
      headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    }
    const from = end + END_OF_HEAD.length;
    if (status < 200 || status === 204 || status === 304 || !this.wantsBody())
      return this.#finish(status, headers, from, EMPTY);
    if (headers['transfer-encoding'] !== undefined) {
      const body = chunksAt(this.#rest, from);
      return body && this.#finish(status, headers, body.end, body.bytes);
    }
    const until = from + Number(headers['content-length'] ?? 0);
    if (this.#rest.length < until) return undefined;
    return this.#finish(status, headers, until, this.#rest.subarray(from, until));
  }

  #finish(status: number, headers: Record<string, string>, end: number, body: Buffer): WireResponse {
    this.#rest = end === this.#rest.length ? EMPTY : this.#rest.subarray(end);
    return { status, headers, body: decompressed(headers['content-encoding'], body) };
  }
}

const CODINGS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
};

function decompressed(coding: string | undefined, body: Buffer): Buffer {
  const decompress = coding === undefined ? undefined : CODINGS[coding];
  return decompress === undefined || body.length === 0 ? body : decompress(body);
}

function chunksAt(bytes: Buffer, start: number): { bytes: Buffer; end: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf(LINE_END, at);
    if (lineEnd < 0) return undefined;
    const size = parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('A chunk without a size.');
    const from = lineEnd + LINE_END.length;
    const end = from + size + LINE_END.length;
    if (bytes.length < end) return undefined;
    if (size === 0) return { bytes: Buffer.concat(parts), end };
    parts.push(bytes.subarray(from, from + size));
    at = end;
  }
}
