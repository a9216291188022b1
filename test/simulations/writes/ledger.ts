import type { RedisServer } from '../../support/redis-server.js';
import type { Write } from './plan.js';
import type { ClientOutcome } from './client-outcome.js';

/** One request for a write. */
export interface Asked {
  readonly replica: string;
  readonly transport: 'REST' | 'GraphQL';
  /** Epoch ms. */
  readonly atMs: number;
  endedAtMs: number;
  outcome: ClientOutcome | undefined;
}

/** Records the requests of clients, the outcomes they got, and the faults of the gateways. */
export class Ledger {
  readonly #asked = new Map<Write, Asked[]>();
  readonly #operations = new Map<Write, string[]>();
  readonly #events: { readonly atMs: number; readonly what: string }[] = [];

  ask(write: Write, replica: string, transport: Asked['transport']): Asked {
    const asked: Asked = { replica, transport, atMs: Date.now(), endedAtMs: Infinity, outcome: undefined };
    this.#asked.set(write, [...this.of(write), asked]);
    return asked;
  }

  /** Returns the requests for a write in the order they were sent. */
  of(write: Write): readonly Asked[] {
    return this.#asked.get(write) ?? [];
  }

  note(what: string): void {
    this.#events.push({ atMs: Date.now(), what });
  }

  /** Records the state store's entries of the operations that a client received. */
  async addOperations(write: Write, state: RedisServer): Promise<void> {
    const ids = new Set(this.of(write).flatMap(({ outcome }) => outcome?.operationId ?? []));
    const found: string[] = [];
    for (const id of ids) found.push(`${id}: ${(await state.command('HGET', `cgs:o:${id}`, 'v')) || 'gone'}`);
    this.#operations.set(write, found);
  }

  /** Returns everything that happened to a write and around it. */
  story(write: Write): readonly string[] {
    const asked = this.of(write);
    const first = asked[0]?.atMs ?? 0;
    const last = asked.at(-1)?.endedAtMs ?? Infinity;
    const lines = asked.flatMap(({ replica, transport, atMs, endedAtMs, outcome }) => [
      { atMs, what: `sends the write to ${replica} over ${transport}` },
      { atMs: endedAtMs, what: `gets from ${replica}: ${JSON.stringify(outcome)}` },
    ]);
    const around = this.#events.filter(({ atMs }) => atMs >= first - 500 && atMs <= last + 500);
    const happened = [...lines, ...around]
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ atMs, what }) => `${String(atMs - first).padStart(6)} ms ${what}`);
    return [...happened, ...(this.#operations.get(write) ?? [])];
  }
}
