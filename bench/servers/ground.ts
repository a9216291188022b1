import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../../test/support/redis-server.js';
import { SPACES } from '../data/scopes.js';
import type { Tokens } from '../data/tokens.js';
import { Upstream } from '../data/upstream.js';
import { type Child, type Program, startChild } from './child.js';
import { Endings } from './endings.js';
import type { Site } from './site.js';

const ROOT = new URL('../../', import.meta.url).pathname;

/** What the servers of one workload stand on, and all that must end with it. */
export class Ground {
  readonly #endings = new Endings();
  readonly #folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
  #upstream: Upstream | undefined;
  #outputs = 0;

  private constructor(readonly site: Site) {
    site.endings.add(() => this.close());
    this.#endings.add(async () => rmSync(this.#folder, { recursive: true, force: true }));
    this.write('jwks.json', this.tokens.keySet);
    this.write('public-key.pem', this.tokens.publicKey);
    this.write('tenants.yaml', tenantsFile());
  }

  /** With a sandbox that holds the main scopes. */
  static async prepare(site: Site): Promise<Ground> {
    const ground = new Ground(site);
    const program = { words: [ground.path('dist/cli/sandbox.js')], settings: { SANDBOX_PORT: '0' } };
    ground.#upstream = new Upstream(await ground.start(program));
    await ground.#upstream.fillMain();
    return ground;
  }

  get tokens(): Tokens {
    return this.site.tokens;
  }

  get upstream(): Upstream {
    if (this.#upstream === undefined) throw new Error('There is no sandbox yet.');
    return this.#upstream;
  }

  /** A file of the project. */
  path(name: string): string {
    return join(ROOT, name);
  }

  /** A file of this ground. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.file(name), text);
    return this.file(name);
  }

  /** Where the next program writes. */
  output(): string {
    this.#outputs += 1;
    return this.write(`output-${this.#outputs}.log`, '');
  }

  async start(program: Omit<Program, 'output'>): Promise<Child> {
    const child = await startChild({ ...program, output: this.output() });
    this.#endings.add(() => child.stop());
    return child;
  }

  /** A `redis-server` of one's own. */
  async redis(...settings: readonly string[]): Promise<RedisServer> {
    const server = await RedisServer.reserve({ settings });
    this.#endings.add(() => server.stop());
    await server.launch();
    return server;
  }

  /** Ends all that was started, and leaves no file. */
  close(): Promise<void> {
    return this.#endings.close();
  }
}

/** Everybody may do as much as the file allows. */
function tenantsFile(): string {
  return JSON.stringify({
    tenants: SPACES.map((id) => ({
      id,
      name: id,
      spaces: [{ custSpaceId: id }],
      limits: { requestsPerMinute: 1_000_000, deletesPerHour: 1_000_000 },
      // Nobody has a key: they come with tokens.
      apiKeys: [],
    })),
  });
}
