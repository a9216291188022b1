import { setTimeout as sleep } from 'node:timers/promises';
import { ACME_KEY } from '../../support/gateway.js';
import { KeepAliveClient } from '../../support/keep-alive-client.js';

const CLIENTS = 4;
const PAUSE_MS = 50;
const LIMIT_MS = 5_000;
const GROUPS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';

/** What normal clients experienced. */
export interface NormalResult {
  readonly served: number;
  readonly failed: number;
  readonly p99Ms: number;
}

/** Clients that read lists, each request on a new or a kept connection, until they are stopped. */
export class NormalClients {
  readonly #durations: number[] = [];
  #failed = 0;
  #isStopped = false;
  readonly #running: Promise<void>[];

  constructor(private readonly url: string) {
    this.#running = Array.from({ length: CLIENTS }, (_, index) => this.#run(index % 2 === 0));
  }

  async stop(): Promise<NormalResult> {
    this.#isStopped = true;
    await Promise.all(this.#running);
    const sorted = this.#durations.toSorted((a, b) => a - b);
    const p99Ms = Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? NaN);
    return { served: sorted.length, failed: this.#failed, p99Ms };
  }

  async #run(keepsConnections: boolean): Promise<void> {
    let client = new KeepAliveClient(ACME_KEY, LIMIT_MS);
    while (!this.#isStopped) {
      const startMs = performance.now();
      try {
        const { status } = await client.call(this.url + GROUPS, 'GET');
        if (status === 200) this.#durations.push(performance.now() - startMs);
        else this.#failed += 1;
      } catch {
        this.#failed += 1;
      }
      if (!keepsConnections) {
        client.close();
        client = new KeepAliveClient(ACME_KEY, LIMIT_MS);
      }
      await sleep(PAUSE_MS);
    }
    client.close();
  }
}
