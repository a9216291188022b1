import { copyFileSync } from 'node:fs';
import { eventually } from '../../support/eventually.js';
import { BuildCopy } from '../coherence/build-copy.js';
import { type Replica, startReplica } from '../soak/replica.js';
import type { FaultStage } from './real-fault.js';

/** Changes a copy of the build. */
export type BuildChange = (build: BuildCopy) => void;

/** A gateway beside the two of the stage, with a build and a tenants file of its own. Prometheus scrapes it, too. */
export interface ThirdGateway extends Replica {
  readonly tenantsFile: string;
  close(): Promise<void>;
}

/** Returns when Prometheus has scraped it. */
export async function startThirdGateway(stage: FaultStage, change?: BuildChange): Promise<ThirdGateway> {
  const { prometheus, replicas, settings } = stage;
  const targets = replicas.map(hostOf);
  const build = new BuildCopy(undefined);
  const running: (() => unknown)[] = [() => build.remove()];
  const close = async (): Promise<void> => {
    // First, because a target that is gone would be down.
    prometheus.scrape(targets);
    for (const stop of running.splice(0).toReversed()) await stop();
  };
  try {
    change?.(build);
    const tenantsFile = build.file('tenants.yaml');
    copyFileSync(stage.tenantsFile, tenantsFile);
    const replica = await startReplica({
      name: 'gateway 3',
      build,
      settings: { ...settings, TENANTS_FILE: tenantsFile },
      onProcess: (process) => running.push(() => process.end('SIGKILL')),
    });
    prometheus.scrape([...targets, hostOf(replica)]);
    const isUp = `up{instance="${hostOf(replica)}"} == 1`;
    await eventually(async () => ((await prometheus.query(isUp)).length > 0 ? true : undefined));
    return { ...replica, tenantsFile, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What Prometheus calls the instance. */
export function hostOf({ managementUrl }: Replica): string {
  return new URL(managementUrl).host;
}
