import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/eventually.js';
import { type GatewayPorts, Haproxy } from '../../support/haproxy.js';
import { Nginx } from '../../support/nginx.js';
import { KeepAliveClient, NoAnswer } from '../../support/keep-alive-client.js';
import { unusedPort } from '../../support/unused-port.js';
import { FleetStage, HEAVY, type Replica } from './stage.js';

const CLIENTS = 12;
const RESPONDS_MS = 30_000;
const NUMBER = '8613800000001';
const PLACES = 3;
const SETTINGS = { CAMS_QPS: '1000', CACHE_FRESH_MS: '2000', CREATE_RESOLVE_TIMEOUT_MS: '0' };
/** More than HAProxy takes to notice: it checks every 500 ms. */
const SHUTDOWN_DELAY_MS = '1500';

export interface ReplacementResult {
  readonly replacements: number;
  readonly reads: number;
  readonly writes: number;
  /** Requests without a response of 2xx, by what they got. */
  readonly failed: Readonly<Record<string, number>>;
}

/** A load balancer in front of three places for gateways, of which two are in use. */
interface Balancer {
  readonly url: string;
  stop(): Promise<void>;
}

interface Strategy {
  readonly start: (places: readonly GatewayPorts[]) => Promise<Balancer>;
  /** Whether a new gateway is started at another place before the old one stops. */
  readonly isStartedFirst: boolean;
  /** How long to wait after each replacement, in ms. */
  readonly pauseMs: number;
}

/** HAProxy checks the health of each place. */
export const BEHIND_HAPROXY: Strategy = {
  start: (places) => Haproxy.start(places),
  isStartedFirst: true,
  pauseMs: 500,
};

/** nginx only notices that a place does not accept connections, and its configuration has two places. */
export const BEHIND_NGINX: Strategy = {
  start: ([first, second]) => Nginx.balancing([first?.port ?? 0, second?.port ?? 0]),
  isStartedFirst: false,
  // It leaves a place out for a second after that failed.
  pauseMs: 2_000,
};

/** Replaces one of two gateways again and again under load with writes. */
export async function replaceGateways(
  replacements: number,
  { start, isStartedFirst, pauseMs }: Strategy,
): Promise<ReplacementResult> {
  const stage = await FleetStage.start();
  const places: GatewayPorts[] = [];
  while (places.length < PLACES)
    places.push({ port: await unusedPort(), managementPort: await unusedPort() });
  const running: { readonly place: number; readonly replica: Replica }[] = [];
  const startAt = async (place: number): Promise<void> => {
    const { port = 0, managementPort = 0 } = places[place] ?? {};
    const replica = await stage.startReplica({
      ...SETTINGS,
      SHUTDOWN_DELAY_MS,
      PORT: String(port),
      MANAGEMENT_PORT: String(managementPort),
    });
    running.push({ place, replica });
  };
  const stopOldest = async (): Promise<number> => {
    const oldest = running.shift();
    await oldest?.replica.stop();
    return oldest?.place ?? 0;
  };
  const balancer = await start(places);
  const load = new Load(balancer.url);
  try {
    await startAt(0);
    await startAt(1);
    await eventually(async () => ((await load.probe()) === '200' ? true : undefined));
    load.start();
    let free = 2;
    for (let done = 0; done < replacements; done += 1) {
      await sleep(pauseMs);
      if (isStartedFirst) {
        await startAt(free);
        free = await stopOldest();
      } else await startAt(await stopOldest());
    }
    await load.stop();
    return { replacements, ...load.result() };
  } finally {
    await load.stop();
    await balancer.stop();
    await stage.close();
  }
}

/** Clients that read and write by turns, each write with a key of its own. */
class Load {
  readonly #client = new KeepAliveClient(HEAVY.apiKey, RESPONDS_MS);
  readonly #list: string;
  readonly #failed = new Map<string, number>();
  #reads = 0;
  #writes = 0;
  readonly #stopping = new AbortController();
  #clients: readonly Promise<void>[] = [];

  constructor(url: string) {
    this.#list = `${url}/v1/spaces/${HEAVY.custSpaceId}/numbers/${NUMBER}/groups`;
  }

  start(): void {
    this.#clients = Array.from({ length: CLIENTS }, (_, client) => this.#repeat(client));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#clients);
    this.#client.close();
  }

  probe(): Promise<string> {
    return this.#ask('GET');
  }

  result(): Omit<ReplacementResult, 'replacements'> {
    return { reads: this.#reads, writes: this.#writes, failed: Object.fromEntries(this.#failed) };
  }

  async #repeat(client: number): Promise<void> {
    for (let count = 0; !this.#stopping.signal.aborted; count += 1) {
      const isWrite = count % 5 === client % 5;
      const status = isWrite ? await this.#ask('POST', `Group ${client} ${count}`) : await this.#ask('GET');
      if (isWrite) this.#writes += 1;
      else this.#reads += 1;
      if (!status.startsWith('2')) this.#failed.set(status, (this.#failed.get(status) ?? 0) + 1);
      await sleep(5);
    }
  }

  async #ask(method: string, subject?: string): Promise<string> {
    const body = subject === undefined ? undefined : { subject };
    try {
      const { status } = await this.#client.call(this.#list, method, body, {
        'idempotency-key': randomUUID(),
      });
      return String(status);
    } catch (error) {
      if (error instanceof NoAnswer) return error.message;
      throw error;
    }
  }
}
