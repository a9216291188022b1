import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closedLoop } from '../load/closed-loop.js';
import type { Options } from '../options.js';
import { Rounds } from '../run/rounds.js';
import { Environment } from '../servers/environment.js';
import { PROJECT_FOLDER } from '../servers/project.js';
import type { Run } from '../servers/run.js';
import type { ServerName } from '../servers/server.js';
import { startServer } from '../servers/start-server.js';
import { workloads } from '../workloads/catalogue.js';
import type { Workload } from '../workloads/workload.js';
import { profilePage } from './page.js';
import { INSPECTED, inspectorUrl, type Profiles, recordProfiles } from './record-profiles.js';

/** Profiles servers under load, by default the gateway, and writes a summary and the profiles of each to `folder`. */
export async function profileWorkloads(run: Run, options: Options, folder: string): Promise<void> {
  const { only, servers = ['gateway'] } = options;
  const selected = workloads(options).filter(({ name }) => only === undefined || only.includes(name));
  if (selected.length === 0) throw new Error('Only workloads with rounds of load can be profiled.');
  mkdirSync(folder, { recursive: true });
  for (const workload of selected) {
    for (const server of workload.servers.filter((name) => servers.includes(name))) {
      const profiles = await profileServer(run, workload, server, options);
      const page = profilePage(`${workload.title}: ${server}`, profiles, PROJECT_FOLDER);
      process.stdout.write(page);
      const file = join(folder, `${workload.name}-${server.replace(':', '-')}`);
      writeFileSync(`${file}.md`, page);
      writeFileSync(`${file}.cpuprofile`, JSON.stringify(profiles.time.profile));
      writeFileSync(`${file}.heapprofile`, JSON.stringify(profiles.allocations.profile));
    }
  }
}

async function profileServer(
  run: Run,
  workload: Workload,
  name: ServerName,
  options: Options,
): Promise<Profiles> {
  const environment = await Environment.prepare(run);
  try {
    await workload.fill?.(environment.upstream);
    const server = await startServer(name, environment, INSPECTED);
    const rounds = new Rounds(workload, options, environment);
    // Before the load fills the output with log lines.
    const inspector = await inspectorUrl(server.process.output);
    await rounds.warmUp(server);
    const load = await rounds.load(server, 1);
    return await recordProfiles(inspector, async () => (await closedLoop(load)).requests);
  } finally {
    await environment.close();
  }
}
