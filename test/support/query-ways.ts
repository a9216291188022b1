import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { AdmittedQueries } from '../../src/fast-path/admitted-queries.plugin.js';
import { QueryExecution } from '../../src/fast-path/query-execution.js';
import { loadConfig, withSandboxAt } from '../../src/config/config.js';
import { createGateway } from '../../src/app/bootstrap.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { ACME_KEY, TEST_SETTINGS } from './gateway.js';
import { SandboxControl } from './sandbox-control.js';

/** Who responds: Apollo and graphql-js; the fast path, if eligible; the fast path again, perhaps from its cache. */
export const WAYS = ['interpreted', 'fast', 'again'] as const;
export type Way = (typeof WAYS)[number];

/** A request to `/graphql`. */
export interface GraphqlRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly key?: string;
  readonly accept?: string;
  /** `GET` puts the members of the body into the URL. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
}

/** The parts of a response that must not depend on the way. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Headers that differ between any two requests, including the ID of the upstream request that filled the cache. */
const OF_ITS_OWN: ReadonlySet<string> = new Set([
  'date',
  'x-request-id',
  'ratelimit',
  'ratelimit-policy',
  'age',
  'x-upstream-request-id',
]);

/** A gateway that can respond to a query in each way, from the same cache. */
export class QueryWays {
  /** Number of queries executed by Apollo and by the fast path. */
  readonly executed = { apollo: 0, fast: 0 };
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
      FAST_PATH: 'on',
      TENANTS_FILE: 'test/support/tenants.quotas.yaml',
      GRAPHQL_INTROSPECTION: 'true',
      MANAGEMENT_PORT: '0',
      CACHE_FRESH_MS: '3600000',
    });
    if (!config.sandbox) throw new Error('A test gateway needs the sandbox.');
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
    ways.#lead(app.get(AdmittedQueries, { strict: false }));
    return ways;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.stop();
  }

  /** Sends the same request in each way. One more request before fills the cache, so that all find the same state. */
  async ask(asked: GraphqlRequest): Promise<Record<Way, WholeAnswer>> {
    this.#interprets = true;
    await this.send(asked);
    const interpreted = await this.send(asked);
    this.#interprets = false;
    return { interpreted, fast: await this.send(asked), again: await this.send(asked) };
  }

  /** Lets Apollo respond by hiding the admitted queries from the fast path. */
  #lead(queries: AdmittedQueries): void {
    const find = queries.find.bind(queries);
    const admit = queries.admit.bind(queries);
    queries.find = (wanted) => (this.#interprets ? undefined : find(wanted));
    queries.admit = (tenantId, wanted, schema) => {
      this.executed.apollo += 1;
      admit(tenantId, wanted, schema);
    };
    const { executed } = this;
    // oxlint-disable-next-line typescript/unbound-method
    const { execute } = QueryExecution.prototype;
    QueryExecution.prototype.execute = function count(...given) {
      executed.fast += 1;
      return execute.apply(this, given);
    };
  }

  /** Sends one request. */
  async send({
    body,
    key = ACME_KEY,
    accept,
    method = 'POST',
    headers,
  }: GraphqlRequest): Promise<WholeAnswer> {
    const sent = request(`${this.url}/graphql${method === 'GET' ? search(body) : ''}`, {
      method,
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${key}`,
        ...(method === 'POST' && { 'content-type': 'application/json' }),
        ...(accept !== undefined && { accept }),
        ...headers,
      },
    });
    sent.end(method === 'POST' ? JSON.stringify(body) : undefined);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return whole(answer, await text(answer));
  }
}

function search(body: GraphqlRequest['body']): string {
  const parameters = Object.entries(body).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return `?${new URLSearchParams(parameters).toString()}`;
}

function whole({ statusCode: status = 0, headers }: IncomingMessage, received: string): WholeAnswer {
  const alike = received
    .replaceAll(String(headers['x-request-id']), 'its own')
    .replaceAll(/"upstreamRequestId":"[^"]+"/g, '"upstreamRequestId":"its own"')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"its own"');
  // The tag of a body with such values is its own as well.
  const ofItsOwn = (name: string): boolean => OF_ITS_OWN.has(name) || (name === 'etag' && alike !== received);
  const told = Object.entries(headers).filter(([name]) => !ofItsOwn(name));
  return { status, headers: Object.fromEntries(told), text: alike };
}
