import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Counter } from 'prom-client';
import type { PageKey, StoredPage } from './page-store.js';

interface Parsed {
  readonly revision: string;
  readonly value: unknown;
  readonly bytes: number;
}

interface Payload {
  /** The scope that was listed: checked on the way out, whatever the key says. */
  readonly scope: string;
  readonly value: unknown;
}

/** What a parsed page takes in memory for each byte of its text; measured, generously. */
const PARSED_BYTES_PER_CHARACTER = 3;
const ENTRY_BYTES = 300;

/**
 * Pages as objects, bounded in bytes. It answers only where the store has just named the revision, so it can never be
 * stale, and a payload travels and is parsed once for each revision.
 */
export class PageLayer {
  readonly #logger = new Logger(PageLayer.name);
  readonly #pages: LRUCache<string, Parsed>;

  constructor(
    maxBytes: number,
    private readonly foreign: Counter,
  ) {
    this.#pages = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ bytes }) => bytes });
  }

  /** Bytes held, by estimate. */
  get bytes(): number {
    return this.#pages.calculatedSize;
  }

  known(key: PageKey): Parsed | undefined {
    return this.#pages.get(key.page);
  }

  /** The value of a stored page; `undefined` if it is not to be trusted or its payload is not at hand. */
  open(
    key: PageKey,
    scope: string,
    { revision, payload }: StoredPage,
    known: Parsed | undefined,
  ): { value: unknown } | undefined {
    if (payload === undefined) return known?.revision === revision ? known : undefined;
    const parsed = parse(payload);
    if (parsed?.scope !== scope) {
      this.foreign.inc();
      this.#logger.error({
        msg: 'a page of another scope, or no page at all, was found in the cache and dropped',
      });
      return undefined;
    }
    this.remember(key, revision, parsed.value, payload.length);
    return parsed;
  }

  remember(key: PageKey, revision: string, value: unknown, characters: number): void {
    const bytes = ENTRY_BYTES + characters * PARSED_BYTES_PER_CHARACTER;
    this.#pages.set(key.page, { revision, value, bytes });
  }
}

export function serialise(scope: string, value: unknown): string {
  const payload: Payload = { scope, value };
  return JSON.stringify(payload);
}

function parse(payload: string): Payload | undefined {
  try {
    return JSON.parse(payload) as Payload;
  } catch {
    // Whatever lies there was not written by us: the caller drops it, logs it and counts it.
    return undefined;
  }
}
