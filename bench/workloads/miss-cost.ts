import { Cams } from '../peers/cams.js';
import { type Scope, scopesOf } from '../data/scopes.js';
import { send } from '../load/send.js';
import type { Figure } from '../report/figure.js';
import { Environment } from '../servers/environment.js';
import type { Run } from '../servers/run.js';
import type { Server } from '../servers/server.js';
import { startServer } from '../servers/start-server.js';
import { quantile } from '../statistics/quantile.js';
import { hasData } from './accepts.js';
import { list } from './graphql-lists.js';

const GROUPS = 20;
/** Reads of each server. */
const READS = 2_000;
/** The first reads do not count: V8 compiles the code of a miss until about the thousandth. */
const WARM_UP = 1_000;
/** The page that the gateway requests from CAMS, whatever the caller requested. */
const PAGE = { Index: 1, Size: 100 };

/**
 * How much longer an uncached list takes than the CAMS call that it needs. Both are sent in turn, one at a time, and their
 * medians compared.
 */
export async function missCost(run: Run): Promise<Figure[]> {
  const environment = await Environment.prepare(run);
  try {
    const scopes = scopesOf(5, READS);
    await environment.upstream.fill(scopes, GROUPS);
    const gateway = await startServer('gateway', environment);
    const stock = await startServer('stock', environment);
    const cams = new Cams(new URL(environment.upstream.url).host);
    const times = { direct: [] as number[], gateway: [] as number[], stock: [] as number[] };
    for (const [index, scope] of scopes.entries()) {
      const took = {
        direct: await timed(() => cams.list(scope, PAGE)),
        gateway: await timed(() => read(gateway, scope, environment)),
        stock: await timed(() => read(stock, scope, environment)),
      };
      if (index < WARM_UP) continue;
      times.direct.push(took.direct);
      times.gateway.push(took.gateway);
      times.stock.push(took.stock);
    }
    const p50 = (of: number[]): number =>
      quantile(
        of.toSorted((a, b) => a - b),
        0.5,
      );
    const direct = p50(times.direct);
    return [
      { name: 'miss-direct', title: 'callApi alone, p50', value: direct, unit: 'ms', target: null },
      {
        name: 'miss-cost',
        title: 'a miss over callApi, p50',
        value: p50(times.gateway) - direct,
        unit: 'ms',
        target: 2,
      },
      {
        name: 'miss-cost-stock',
        title: 'the same for the stock peer',
        value: p50(times.stock) - direct,
        unit: 'ms',
        target: null,
      },
    ];
  } finally {
    await environment.close();
  }
}

async function read({ process: { url } }: Server, scope: Scope, { tokens }: Environment): Promise<void> {
  const { status, text } = await send(url, list(tokens, scope, GROUPS));
  const good = status === 200 && hasData(`"totalCount":${GROUPS}`)(text);
  if (!good) throw new Error(`${url} responded ${status}: ${text}`);
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}
