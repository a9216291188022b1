import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeTokens, type Tokens } from '../data/tokens.js';
import { Cleanup } from './cleanup.js';
import { PROJECT_FOLDER } from './project.js';
import { RedisPair, type RedisUrls } from './redis-pair.js';

/** This gateway, and the other build that `--against` names. */
export type GatewayName = 'gateway' | 'against';

/** A built gateway with its Redis servers. */
export interface GatewayBuild {
  readonly folder: string;
  readonly redis: RedisUrls;
}

/** Resources of a whole run: the issuer's keys and the Redis servers of each gateway. */
export class Run {
  readonly cleanup = new Cleanup();
  readonly #redis = new Map<GatewayName, RedisPair>();

  private constructor(
    readonly tokens: Tokens,
    private readonly folders: ReadonlyMap<GatewayName, string>,
  ) {}

  /** `against`: the folder of another built gateway. */
  static async open(against?: string): Promise<Run> {
    const folders = new Map<GatewayName, string>([['gateway', PROJECT_FOLDER]]);
    if (against !== undefined) folders.set('against', against);
    for (const folder of folders.values()) requireBuild(folder);
    const run = new Run(await makeTokens(), folders);
    // One pair each: with a shared one, each gateway would find the other's pages.
    for (const name of run.gateways) {
      const redis = await RedisPair.reserve();
      run.cleanup.add(() => redis.stop());
      run.#redis.set(name, redis);
      await redis.launch();
    }
    return run;
  }

  /** The gateways of this run. */
  get gateways(): readonly GatewayName[] {
    return [...this.folders.keys()];
  }

  /** Returns a gateway build whose Redis servers have been emptied. */
  async build(name: GatewayName): Promise<GatewayBuild> {
    const [folder, redis] = [this.folders.get(name), this.#redis.get(name)];
    if (folder === undefined || redis === undefined) throw new Error(`This run has no server ${name}.`);
    return { folder, redis: await redis.prepare() };
  }

  /** Stops everything that was started. */
  close(): Promise<void> {
    return this.cleanup.close();
  }
}

/** Throws unless the folder holds a built gateway. */
export function requireBuild(folder: string): void {
  for (const part of ['package.json', 'node_modules', 'dist'])
    if (!existsSync(join(folder, part)))
      throw new Error(`${folder} is not a built gateway: ${part} is missing.`);
}
