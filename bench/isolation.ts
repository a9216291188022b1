import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MAIN_SCOPES, type Scope, scopesOf } from './data/scopes.js';
import type { Flood, FloodCounts } from './load/flood.js';
import { graphql } from './load/load-request.js';
import { paced } from './load/paced.js';
import { wholeNumber } from './options.js';
import { EXIT_FAILED, withRun } from './run/with-run.js';
import { CONCURRENT_REQUESTS, Environment, tenantsFile } from './servers/environment.js';
import type { GatewayName, Run } from './servers/run.js';
import { startServer } from './servers/start-server.js';
import { median } from './statistics/quantile.js';
import { residentMb } from './statistics/process-usage.js';
import { hasData } from './workloads/accepts.js';
import { list } from './workloads/graphql-lists.js';

const EXIT_MISSED = 1;
const PER_SECOND = 200;
const CONNECTIONS = 6;
const WARM_UP_SECONDS = 4;
const MAX_RATIO = 3;
const MAX_MORE_MS = 50;
const MAX_RESIDENT_MB = 400;

/** The second one is of another tenant than the quiet one. */
const FLOODED = scopesOf(8, 2);
const ROWS = 100;

const WHOLE =
  'id groupId custSpaceId businessNumber channelType subject description status rawStatus inviteLink inviteLinkVisible etag profilePictureUrl participantCount groupType groupLink businessRole __typename';
const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');
const lists = (count: number, below: string): string =>
  `query Flood($number: String!) { ${times(count, (i) => `a${i}: chatGroups(businessNumber: $number, first: 100) { ${below} }`)} }`;

/** The most expensive documents that a build admits: the first is only admitted without limits on the response. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  typenames: `${lists(5, 'nodes { ...F }')} fragment F on ChatGroup { ${times(85, (i) => `${'a'.repeat(640)}${i}: __typename`)} }`,
  whole: lists(4, `nodes { ${WHOLE} }`),
  edges: lists(5, `edges { cursor } b: edges { cursor } c: edges { cursor }`),
};

/** Latency of a quiet tenant's cached lists in ms, while another tenant floods the gateway or not. */
interface Isolation {
  readonly alone: number;
  readonly beside: number;
  readonly residentMb: number;
  readonly responses: FloodCounts;
}

async function measure(
  run: Run,
  name: GatewayName,
  document: string,
  effort: { rounds: number; seconds: number },
): Promise<Isolation> {
  const environment = await Environment.prepare(run);
  try {
    environment.write('tenants.yaml', tenantsFile(CONCURRENT_REQUESTS));
    await environment.upstream.fill(FLOODED, ROWS);
    const [quiet, noisy] = [MAIN_SCOPES[0], FLOODED[1]] as [Scope, Scope];
    const { process: gateway } = await startServer(name, environment);
    const { tokens } = environment;
    const load = {
      url: gateway.url,
      connections: 32,
      requests: () => [list(tokens, quiet, 20)],
      status: 200,
      accepts: hasData('"totalCount"'),
    };
    const request = graphql(tokens, noisy, document, { number: noisy.businessNumber });
    await paced(load, PER_SECOND, WARM_UP_SECONDS);
    const alone: number[] = [];
    const beside: number[] = [];
    let most = 0;
    const responses: FloodCounts = {};
    for (let round = 0; round < effort.rounds; round += 1) {
      alone.push((await paced(load, PER_SECOND, effort.seconds)).p99);
      const stop = startFlood({ url: gateway.url, connections: CONNECTIONS, request });
      beside.push((await paced(load, PER_SECOND, effort.seconds)).p99);
      most = Math.max(most, residentMb(gateway.pid));
      for (const [status, count] of Object.entries(await stop()))
        responses[status] = (responses[status] ?? 0) + count;
    }
    return { alone: median(alone), beside: median(beside), residentMb: most, responses };
  } finally {
    await environment.close();
  }
}

/** Floods from a process of its own. Returns a function that ends the flood and returns its responses. */
function startFlood(flood: Flood): () => Promise<FloodCounts> {
  const child = fork(fileURLToPath(new URL('load/flood.ts', import.meta.url)));
  child.send(flood);
  return async () => {
    child.send('stop');
    const [counts] = (await once(child, 'message')) as [FloodCounts];
    return counts;
  };
}

function isGood({ alone, beside, residentMb: mb }: Isolation): boolean {
  return beside <= Math.max(MAX_RATIO * alone, alone + MAX_MORE_MS) && mb <= MAX_RESIDENT_MB;
}

try {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { against: text, rounds: text, seconds: text } });
  const effort = {
    rounds: wholeNumber('rounds', values.rounds, 5, 99),
    seconds: wholeNumber('seconds', values.seconds, 3, 600),
  };
  await withRun(async (run) => {
    for (const name of run.gateways) {
      for (const [title, document] of Object.entries(DOCUMENTS)) {
        const found = await measure(run, name, document, effort);
        const { alone, beside, residentMb: mb, responses } = found;
        process.stdout.write(
          `${name}, ${title}: p99 ${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside; ${mb.toFixed(0)} MB; responses ${JSON.stringify(responses)}\n`,
        );
        if (name === 'gateway' && !isGood(found)) process.exitCode = EXIT_MISSED;
      }
    }
  }, values.against);
} catch (error) {
  process.stderr.write(
    `${(error as Error).stack}\nnpm run bench:isolation -- [--rounds 5] [--seconds 3] [--against FOLDER]\n`,
  );
  process.exitCode = EXIT_FAILED;
}
