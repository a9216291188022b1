import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from './eventually.js';
import { RedisServer } from './redis-server.js';
import { unusedPort } from './unused-port.js';

const run = promisify(execFile);

const MOST_TRIES = 3;

/** Three masters on loopback. When a shard is down, the others keep working. */
export class RedisCluster {
  private constructor(readonly masters: readonly RedisServer[]) {}

  /** Starts a cluster. Retries with new ports, because another worker may take a free port first. */
  static async start(): Promise<RedisCluster> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await RedisCluster.#startOnce();
      } catch (error) {
        if (tries === MOST_TRIES) throw error;
      }
    }
  }

  static async #startOnce(): Promise<RedisCluster> {
    const masters = await Promise.all([1, 2, 3].map(startMaster));
    const cluster = new RedisCluster(masters);
    try {
      const addresses = masters.map(({ port }) => `127.0.0.1:${port}`);
      await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
      for (const master of masters) {
        await eventually(
          async () => (await master.command('CLUSTER', 'INFO')).includes('cluster_state:ok') || undefined,
        );
      }
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** The value of `REDIS_URL`. */
  get url(): string {
    return this.masters.map(({ url }) => url).join(',');
  }

  /** Returns the master that holds a key. */
  async holder(key: string): Promise<RedisServer> {
    const slot = await this.slot(key);
    for (const master of this.masters) {
      const own = (await master.command('CLUSTER', 'NODES'))
        .split('\n')
        .find((line) => line.includes('myself'));
      const ranges =
        own?.match(/(?<= )\d+(-\d+)?(?= |$)/g)?.map((range) => range.split('-').map(Number)) ?? [];
      if (ranges.some(([first = -1, last = first]) => slot >= first && slot <= last)) return master;
    }
    throw new Error(`No master holds slot ${slot}`);
  }

  async slot(key: string): Promise<number> {
    return Number(await this.masters[0]?.command('CLUSTER', 'KEYSLOT', key));
  }

  /** Moves the slot of a key to another master. It must contain only this key. */
  async move(key: string, to: RedisServer): Promise<void> {
    const from = await this.holder(key);
    const slot = await this.slot(key);
    const [source, target] = [await from.command('CLUSTER', 'MYID'), await to.command('CLUSTER', 'MYID')];
    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
    await from.command('MIGRATE', '127.0.0.1', to.port, key, 0, 5000);
    for (const master of [to, from]) await master.command('CLUSTER', 'SETSLOT', slot, 'NODE', target);
  }

  async stop(): Promise<void> {
    await Promise.all(this.masters.map((master) => master.stop()));
  }
}

async function startMaster(): Promise<RedisServer> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-port', `${await unusedPort()}`];
  return RedisServer.start({
    settings: [...settings, '--cluster-require-full-coverage', 'no', '--cluster-node-timeout', '5000'],
  });
}
