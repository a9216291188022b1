import { Cams } from '../peers/cams.js';
import { type Scope, scopesOf } from '../data/scopes.js';
import { send } from '../load/send.js';
import type { Figure } from '../report/figure.js';
import { Ground } from '../servers/ground.js';
import type { Site } from '../servers/site.js';
import type { Server } from '../servers/server.js';
import { startServer } from '../servers/start.js';
import { quantile } from '../statistics/quantile.js';
import { answersWith } from './accepts.js';
import { list } from './graphql-lists.js';

const GROUPS = 20;
/** Of each way. */
const READS = 2_000;
/** The first of them, which are not counted: until about the thousandth V8 still compiles what a miss goes through. */
const WARM_UP = 1_000;
/** Page that the gateway lists, whatever it is asked for. */
const PAGE = { Index: 1, Size: 100 };

/**
 * How much longer a list of a number takes that nobody asked for before, than the call to CAMS that it needs: both are
 * sent in turn, one at a time, and their medians compared.
 */
export async function missCost(site: Site): Promise<Figure[]> {
  const ground = await Ground.prepare(site);
  try {
    const scopes = scopesOf(5, READS);
    await ground.upstream.fill(scopes, GROUPS);
    const gateway = await startServer('gateway', ground);
    const stock = await startServer('stock', ground);
    const cams = new Cams(new URL(ground.upstream.url).host);
    const times = { direct: [] as number[], gateway: [] as number[], stock: [] as number[] };
    for (const [index, scope] of scopes.entries()) {
      const took = {
        direct: await timed(() => cams.list(scope, PAGE)),
        gateway: await timed(() => read(gateway, scope, ground)),
        stock: await timed(() => read(stock, scope, ground)),
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
        title: 'the same of the stock peer',
        value: p50(times.stock) - direct,
        unit: 'ms',
        target: null,
      },
    ];
  } finally {
    await ground.close();
  }
}

async function read({ process: { url } }: Server, scope: Scope, { tokens }: Ground): Promise<void> {
  const { status, text } = await send(url, list(tokens, scope, GROUPS));
  const good = status === 200 && answersWith(`"totalCount":${GROUPS}`)(text);
  if (!good) throw new Error(`${url} answered ${status}: ${text}`);
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}
