import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type * as bootstrap from '../src/app/bootstrap.js';
import type * as configuration from '../src/config/config.js';
import { HOSTILE_DOCUMENTS } from '../test/support/hostile-documents.js';
import { HOSTILE_INPUTS, type HostileInput } from '../test/support/hostile-inputs.js';
import { HOSTILE_VARIABLES } from '../test/support/hostile-variables.js';
import { median } from './statistics/quantile.js';
import { PROJECT_FOLDER } from './servers/project.js';

const DOCUMENTS = [...HOSTILE_DOCUMENTS, ...HOSTILE_VARIABLES].map(([name, body]): [string, HostileInput] => [
  name,
  { path: '/graphql', method: 'POST', body },
]);
const HOSTILE = [...DOCUMENTS, ...HOSTILE_INPUTS];
const MAX_CPU_MS = 20;
const ROUNDS = 5;
const WARM_UP = 300;
const SHOWN = 10;
const EXIT_MISSED = 1;
const KEY = `cgk_acme.${'A'.repeat(43)}`;

/** CPU time in ms of a request in each round. A refused document is never cached, so all rounds are cold. */
interface Measured {
  readonly name: string;
  readonly cpuMs: number[];
}

/** Starts a build in this process. What sending costs, about 0.3 ms, is included in the CPU time. */
async function start(folder: string): Promise<NestFastifyApplication> {
  const load = (file: string): Promise<unknown> => import(pathToFileURL(join(folder, 'dist', file)).href);
  const { createGateway } = (await load('app/bootstrap.js')) as typeof bootstrap;
  const { loadConfig, withSandboxAt } = (await load('config/config.js')) as typeof configuration;
  const config = loadConfig({
    LOG_LEVEL: 'silent',
    PORT: '0',
    MANAGEMENT_PORT: '0',
    GRAPHQL_INTROSPECTION: 'true',
    TENANTS_FILE: 'test/support/tenants.quotas.yaml',
  });
  const app = await createGateway(withSandboxAt(config, 'http://127.0.0.1:9'));
  await app.listen(0, '127.0.0.1');
  return app;
}

async function cpuMs(url: string, input: HostileInput): Promise<{ ms: number; status: number }> {
  const { path, method = 'GET', authorization = `Bearer ${KEY}`, body } = input;
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const before = process.cpuUsage();
  const response = await fetch(url + path, {
    method,
    headers: { authorization, ...(sent !== undefined && { 'content-type': 'application/json' }) },
    ...(sent !== undefined && { body: sent }),
  });
  await response.text();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1_000, status: response.status };
}

async function measure(folder: string): Promise<readonly Measured[]> {
  const app = await start(folder);
  try {
    const url = await app.getUrl();
    for (let sent = 0; sent < WARM_UP; sent += 1)
      await cpuMs(url, {
        path: '/graphql',
        method: 'POST',
        body: { query: `{ viewer { tenantId tenantName permissions } } #${sent}` },
      });
    const measured = HOSTILE.map(([name]): Measured => ({ name, cpuMs: [] }));
    const passed = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, [name, request]] of HOSTILE.entries()) {
        const { ms, status } = await cpuMs(url, request);
        if (status < 400) passed.add(name);
        measured[index]?.cpuMs.push(ms);
      }
    }
    for (const name of passed) process.stdout.write(`not refused: ${name}\n`);
    return measured;
  } finally {
    await app.close();
  }
}

/** Prints the most expensive documents. Returns whether all are cheap enough. */
function report(measured: readonly Measured[]): boolean {
  const of = ({ name, cpuMs }: Measured) => ({ name, typical: median(cpuMs), first: cpuMs[0] ?? 0 });
  const costs = measured.map(of).toSorted((one, other) => other.typical - one.typical);
  process.stdout.write(`${costs.length} hostile requests, CPU ms of each: median of ${ROUNDS}, first time\n`);
  for (const { name, typical, first } of costs.slice(0, SHOWN))
    process.stdout.write(`${typical.toFixed(1).padStart(7)} ${first.toFixed(1).padStart(7)}  ${name}\n`);
  const most = costs[0]?.typical ?? 0;
  const mostOnce = Math.max(...costs.map(({ first }) => first));
  process.stdout.write(`maximum: ${most.toFixed(1)} ms, ${mostOnce.toFixed(1)} ms the first time\n`);
  return most <= MAX_CPU_MS;
}

const { values } = parseArgs({ options: { build: { type: 'string', default: PROJECT_FOLDER } } });
// The settings name files of the project.
process.chdir(values.build);
if (!report(await measure(values.build))) process.exitCode = EXIT_MISSED;
