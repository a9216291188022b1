import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MAIN_SCOPES, SPACES } from './data/scopes.js';
import { restList } from './load/load-request.js';
import { paced } from './load/paced.js';
import { wholeNumber } from './options.js';
import { EXIT_FAILED, withRun } from './run/with-run.js';
import { Environment } from './servers/environment.js';
import type { GatewayName, Run } from './servers/run.js';
import { startServer } from './servers/start-server.js';
import { residentMb } from './statistics/process-usage.js';
import { median } from './statistics/quantile.js';
import { startOnce } from './workloads/start.js';

const STARTS = 3;
const PER_SECOND = 200;
const SECONDS = 8;
const EDITED_AFTER_MS = 2_000;
const PERMISSIONS =
  '[groups:read, groups:write, groups:delete, groups:invite, participants:read, participants:remove]';

/** A tenants file in block style, with two keys and two numbers per tenant besides the tenants of the benchmark. */
function tenantsFile(count: number, nameOfLast: string): string {
  const own = SPACES.map(
    (id) =>
      `  - id: ${id}\n    spaces:\n      - custSpaceId: ${id}\n    limits: { requestsPerMinute: 1000000 }\n`,
  );
  const others = Array.from({ length: count }, (_, index) => {
    const keys = [1, 2].map((key) => {
      const digest = `${index}`.padStart(32, '0').padEnd(64, `${key}`);
      return `      - id: key-${index}-${key}\n        digest: '${digest}'\n        permissions: ${PERMISSIONS}\n`;
    });
    const numbers = [1, 2].map((n) => `'${8_613_800_000_000 + index * 2 + n}'`).join(', ');
    const name = index === count - 1 ? nameOfLast : `Customer ${index}`;
    return `  - id: tenant-${index}\n    name: ${name}\n    spaces:\n      - custSpaceId: customer-${index}\n        businessNumbers: [${numbers}]\n    apiKeys:\n${keys.join('')}`;
  });
  return `tenants:\n${own.join('')}${others.join('')}`;
}

/** Prints the start, the memory, and the slowest responses with and without a reload of this many tenants. */
async function measure(run: Run, name: GatewayName, count: number): Promise<void> {
  const environment = await Environment.prepare(run);
  try {
    const file = environment.write('tenants.yaml', tenantsFile(count, 'Before'));
    const starts: number[] = [];
    for (let start = 0; start < STARTS; start += 1)
      starts.push(await startOnce(environment, await run.build(name)));
    const { process: gateway } = await startServer(name, environment);
    const [scope] = MAIN_SCOPES;
    if (scope === undefined) throw new Error('The benchmark has at least one scope.');
    const load = {
      url: gateway.url,
      connections: 32,
      requests: () => [restList(environment.tokens, scope, 20)],
      status: 200,
      accepts: () => true,
    };
    await paced(load, PER_SECOND, SECONDS);
    const startedMb = residentMb(gateway.pid);
    const alone = await paced(load, PER_SECOND, SECONDS);
    // Made beforehand: this process also sends the requests.
    const edit = tenantsFile(count, 'After');
    const edited = sleep(EDITED_AFTER_MS).then(() => writeFile(file, edit));
    const [reloading] = await Promise.all([paced(load, PER_SECOND, SECONDS), edited]);
    process.stdout.write(
      `${name}, ${count} tenants: start to the first response ${median(starts).toFixed(0)} ms; ${startedMb.toFixed(0)} MB, ${residentMb(gateway.pid).toFixed(0)} MB after a reload; longest response ${alone.longest.toFixed(1)} ms, ${reloading.longest.toFixed(1)} ms with a reload\n`,
    );
  } finally {
    await environment.close();
  }
}

try {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { tenants: text, against: text } });
  const count = wholeNumber('tenants', values.tenants, 5_000, 50_000);
  await withRun(async (run) => {
    for (const name of run.gateways) await measure(run, name, count);
  }, values.against);
} catch (error) {
  process.stderr.write(
    `${(error as Error).stack}\nnpm run bench:tenants -- [--tenants 5000] [--against FOLDER]\n`,
  );
  process.exitCode = EXIT_FAILED;
}
