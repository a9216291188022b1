import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../../test/support/redis-server.js';
import { SPACES } from '../data/scopes.js';
import type { Tokens } from '../data/tokens.js';
import { Upstream } from '../data/upstream.js';
import { type Child, type Program, spawnChild, startChild } from './child.js';
import { Cleanup } from './cleanup.js';
import { PROJECT_FOLDER } from './project.js';
import type { Run } from './run.js';
import { readStartCommand } from './start-command.js';

/** The sandbox, files and processes that the servers of one workload need. All of them end with the workload. */
export class Environment {
  readonly #cleanup = new Cleanup();
  readonly #folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
  #upstream: Upstream | undefined;
  #outputs = 0;

  private constructor(readonly run: Run) {
    run.cleanup.add(() => this.close());
    this.#cleanup.add(async () => rmSync(this.#folder, { recursive: true, force: true }));
    this.write('jwks.json', this.tokens.keySet);
    this.write('public-key.pem', this.tokens.publicKey);
    this.write('tenants.yaml', tenantsFile());
  }

  /** Starts a sandbox that holds the groups of the main scopes. */
  static async prepare(run: Run): Promise<Environment> {
    const environment = new Environment(run);
    const { env, ...command } = readStartCommand(PROJECT_FOLDER, 'sandbox');
    const sandbox = await environment.start({ ...command, env: { ...env, SANDBOX_PORT: '0' } });
    environment.#upstream = new Upstream(sandbox);
    await environment.#upstream.fillMain();
    return environment;
  }

  get tokens(): Tokens {
    return this.run.tokens;
  }

  get upstream(): Upstream {
    if (this.#upstream === undefined) throw new Error('The sandbox has not started.');
    return this.#upstream;
  }

  /** The path of a file of this environment. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.file(name), text);
    return this.file(name);
  }

  /** A file for the output of the next program. */
  output(): string {
    this.#outputs += 1;
    return this.write(`output-${this.#outputs}.log`, '');
  }

  async start(program: Omit<Program, 'output'>): Promise<Child> {
    const child = await startChild({ ...program, output: this.output() });
    this.#cleanup.add(() => child.stop());
    return child;
  }

  /** Starts a program that does not listen. Returns its process ID. */
  spawn(program: Omit<Program, 'output'>): number {
    const { child, stop } = spawnChild({ ...program, output: this.output() });
    this.#cleanup.add(stop);
    if (child.pid === undefined) throw new Error(`${program.args.join(' ')} did not start.`);
    return child.pid;
  }

  /** Starts a Redis server for one peer. */
  async redis(...settings: readonly string[]): Promise<RedisServer> {
    const server = await RedisServer.reserve({ settings });
    this.#cleanup.add(() => server.stop());
    await server.launch();
    return server;
  }

  /** Stops everything that was started, and removes its files. */
  close(): Promise<void> {
    return this.#cleanup.close();
  }
}

/** The default of the limit. */
export const CONCURRENT_REQUESTS = 50;

/** One tenant per space, with the highest limits that the file allows, except for the one given. */
export function tenantsFile(concurrentRequests = 10_000): string {
  return JSON.stringify({
    tenants: SPACES.map((id) => ({
      id,
      name: id,
      spaces: [{ custSpaceId: id }],
      limits: { requestsPerMinute: 1_000_000, deletesPerHour: 1_000_000, concurrentRequests },
      // No API keys: callers send tokens.
      apiKeys: [],
    })),
  });
}
