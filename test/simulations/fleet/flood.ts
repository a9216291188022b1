import { setTimeout as sleep } from 'node:timers/promises';
import { KeepAliveClient, NoAnswer } from '../../support/keep-alive-client.js';
import type { FleetTenant } from './stage.js';

const RESPONDS_MS = 30_000;
const PAUSE_MS = 20;
const FIRST_NUMBER = 8_613_800_000_000;
let numbers = 0;

/** Requests of one tenant to one replica, a number of them at any time, until stopped. */
export class Flood {
  readonly #client: KeepAliveClient;
  readonly #requests: readonly Promise<void>[];
  readonly statuses = new Map<string, number>();
  #goesOn = true;

  constructor(
    private readonly url: string,
    private readonly tenant: FleetTenant,
    atOnce: number,
  ) {
    this.#client = new KeepAliveClient(tenant.apiKey, RESPONDS_MS);
    // Lists of different numbers share no call.
    this.#requests = Array.from({ length: atOnce }, () =>
      this.#repeat(String(FIRST_NUMBER + (numbers += 1))),
    );
  }

  async stop(): Promise<void> {
    this.#goesOn = false;
    await Promise.all(this.#requests);
    this.#client.close();
  }

  async #repeat(number: string): Promise<void> {
    const list = `${this.url}/v1/spaces/${this.tenant.custSpaceId}/numbers/${number}/groups`;
    while (this.#goesOn) {
      const status = await this.#ask(list);
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      if (status !== '200') await sleep(PAUSE_MS);
    }
  }

  async #ask(url: string): Promise<string> {
    try {
      return String((await this.#client.call(url, 'GET')).status);
    } catch (error) {
      if (error instanceof NoAnswer) return 'none';
      throw error;
    }
  }
}
