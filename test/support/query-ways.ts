import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { CompiledQueries } from '../../src/fast-path/compiled-queries.js';
import { loadConfig, withSandboxAt } from '../../src/config/config.js';
import { createGateway } from '../../src/app/bootstrap.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { ACME_KEY, TEST_SETTINGS } from './gateway.js';
import { SandboxControl } from './sandbox-control.js';

/**
 * Who answers: graphql-js; the compiled query within Apollo; the compiled query past Apollo, where it may be; and that
 * once more, when its answer may be at hand.
 */
export const WAYS = ['interpreted', 'compiled', 'known', 'again'] as const;
export type Way = (typeof WAYS)[number];

/** A request for `/graphql`, as it is sent. */
export interface GraphqlRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly key?: string;
  readonly accept?: string;
}

/** What is the same whoever answers. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Headers that differ by nature; which of the requests asked the upstream is not of the way. */
const OF_ITS_OWN: ReadonlySet<string> = new Set([
  'date',
  'x-request-id',
  'ratelimit',
  'ratelimit-policy',
  'age',
  'x-upstream-request-id',
]);

/** One gateway that can answer a query in each of the ways, from the same cache. */
export class QueryWays {
  /** Requests that came to Apollo and were left to graphql-js or compiled, and those whose query was known before. */
  readonly executed = { interpreted: 0, compiled: 0, known: 0 };
  readonly #agent = new Agent({ keepAlive: true });
  #interprets = false;

  private constructor(
    readonly url: string,
    readonly sandbox: SandboxControl,
    readonly metrics: Metrics,
    private readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<QueryWays> {
    const config = loadConfig({
      ...TEST_SETTINGS,
      TENANTS_FILE: 'test/support/tenants.quotas.yaml',
      GRAPHQL_INTROSPECTION: 'true',
      MANAGEMENT_PORT: '0',
      CACHE_FRESH_MS: '3600000',
    });
    if (!config.sandbox) throw new Error('A test gateway runs with the sandbox.');
    const sandbox = await startSandbox(config.sandbox);
    const app = await createGateway(withSandboxAt(config, sandbox.url));
    await app.listen({ host: '127.0.0.1', port: 0 });
    const ways = new QueryWays(
      new URL(await app.getUrl()).origin,
      new SandboxControl(sandbox.url),
      app.get(Metrics, { strict: false }),
      async () => {
        await app.close();
        await sandbox.close();
      },
    );
    ways.#lead(app.get(CompiledQueries, { strict: false }));
    return ways;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.stop();
  }

  /** The same request four times, whole answers; once more before, so that all find the same in the cache. */
  async ask(asked: GraphqlRequest): Promise<Record<Way, WholeAnswer>> {
    this.#interprets = true;
    await this.send(asked);
    const interpreted = await this.send(asked);
    this.#interprets = false;
    const compiled = await this.send(asked);
    return { interpreted, compiled, known: await this.send(asked), again: await this.send(asked) };
  }

  /** graphql-js answers where nothing is ever found, and nothing admitted. */
  #lead(queries: CompiledQueries): void {
    queries.find = (wanted) => {
      const found = this.#interprets ? undefined : CompiledQueries.prototype.find.call(queries, wanted);
      if (found) this.executed.known += 1;
      return found;
    };
    queries.admit = (wanted, selected) => {
      const admitted = this.#interprets
        ? undefined
        : CompiledQueries.prototype.admit.call(queries, wanted, selected);
      this.executed[admitted ? 'compiled' : 'interpreted'] += 1;
      return admitted;
    };
  }

  /** One request, to whoever answers it. */
  async send({ body, key = ACME_KEY, accept }: GraphqlRequest): Promise<WholeAnswer> {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(accept !== undefined && { accept }),
    };
    const sent = request(`${this.url}/graphql`, { method: 'POST', agent: this.#agent, headers });
    sent.end(JSON.stringify(body));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return whole(answer, await text(answer));
  }
}

function whole({ statusCode: status = 0, headers }: IncomingMessage, received: string): WholeAnswer {
  const alike = received
    .replaceAll(String(headers['x-request-id']), 'its own')
    .replaceAll(/"upstreamRequestId":"[^"]+"/g, '"upstreamRequestId":"its own"')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"its own"');
  const told = Object.entries(headers).filter(([name]) => !OF_ITS_OWN.has(name));
  return { status, headers: Object.fromEntries(told), text: alike };
}
