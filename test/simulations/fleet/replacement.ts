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
const NGINX_RELOADS_MS = 500;

export interface ReplacementResult {
  readonly replacements: number;
  readonly reads: number;
  readonly writes: number;
  /** Requests without a response of 2xx, by what they got. */
  readonly failed: Readonly<Record<string, number>>;
}

/** A load balancer in front of three places, of which two have a gateway at most times. */
interface Balancer {
  readonly url: string;
  /** Call it with the ports of the gateways that go on, before another one stops. */
  keep(ports: readonly [number, number]): Promise<unknown>;
  stop(): Promise<void>;
}

type StartBalancer = (places: readonly GatewayPorts[]) => Promise<Balancer>;

/** HAProxy checks the health of each place. */
export const haproxyBalancer: StartBalancer = async (places) => {
  const haproxy = await Haproxy.start(places);
  return { url: haproxy.url, keep: async () => undefined, stop: () => haproxy.stop() };
};

/** nginx must be told. */
export const nginxBalancer: StartBalancer = async ([first, second]) => {
  const nginx = await Nginx.balancing([first?.port ?? 0, second?.port ?? 0]);
  const keep = async (ports: readonly [number, number]): Promise<void> => {
    nginx.reload(ports);
    await sleep(NGINX_RELOADS_MS);
  };
  return { url: nginx.url, keep, stop: () => nginx.stop() };
};

/** Replaces one of two gateways again and again, as soon as the new one is ready, under load with writes. */
export async function replaceGateways(
  replacements: number,
  startBalancer: StartBalancer,
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
  const balancer = await startBalancer(places);
  const load = new Load(balancer.url);
  try {
    await startAt(0);
    await startAt(1);
    await eventually(async () => ((await load.probe()) === '200' ? true : undefined));
    load.start();
    for (let next = 2, done = 0; done < replacements; done += 1, next = (next + 1) % PLACES) {
      await sleep(500);
      await startAt(next);
      const [old, ...others] = running.splice(0);
      running.push(...others);
      const [first = 0, second = 0] = others.map(({ place }) => places[place]?.port ?? 0);
      await balancer.keep([first, second]);
      await old?.replica.stop();
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
