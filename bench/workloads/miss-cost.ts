import { Cams } from '../peers/cams.js';
import { type Scope, scopesOf } from '../data/scopes.js';
import { send } from '../load/send.js';
import { compare } from '../report/comparison.js';
import type { Figure } from '../report/figure.js';
import { Environment } from '../servers/environment.js';
import type { Run } from '../servers/run.js';
import type { Server } from '../servers/server.js';
import { startServer } from '../servers/start-server.js';
import { median } from '../statistics/quantile.js';
import { hasData } from './accepts.js';
import { list } from './graphql-lists.js';
import { inAlternation, type SingleFigures } from './single-figures.js';

const GROUPS = 20;
/** Reads of each server. */
const READS = 2_000;
/** The first reads do not count: V8 compiles the code of a miss until about the thousandth. */
const WARM_UP = 1_000;
/** The page that the gateway requests from CAMS for any request. */
const PAGE = { Index: 1, Size: 100 };

/**
 * How much longer an uncached list takes than the CAMS call that it needs. Both are sent in turn, one at a time, and
 * their medians compared.
 */
export async function missCost(run: Run, rounds: number): Promise<SingleFigures> {
  const environment = await Environment.prepare(run);
  try {
    const scopes = scopesOf(5, READS);
    await environment.upstream.fill(scopes, GROUPS);
    const cams = new Cams(new URL(environment.upstream.url).host);
    const direct = { name: 'direct', read: (scope: Scope) => cams.list(scope, PAGE) };
    const readers: (typeof direct | Reader)[] = [direct];
    for (const name of [...run.gateways, 'stock'] as const)
      readers.push(new Reader(await startServer(name, environment), environment));
    const times = new Map(readers.map(({ name }) => [name, [] as number[]]));
    for (const [index, scope] of scopes.entries()) {
      for (const reader of inAlternation(readers, index)) {
        const startedAt = performance.now();
        await reader.read(scope);
        if (index >= WARM_UP) times.get(reader.name)?.push(performance.now() - startedAt);
      }
    }
    return figuresOf((name) => times.get(name) ?? [], rounds);
  } finally {
    await environment.close();
  }
}

function figuresOf(times: (name: string) => number[], rounds: number): SingleFigures {
  const direct = median(times('direct'));
  const over = (name: string): number => median(times(name)) - direct;
  const figure = (name: string, title: string, value: number, target: number | null = null): Figure => ({
    name,
    title,
    value,
    unit: 'ms',
    target,
  });
  const of = { name: 'miss-cost/time', title: 'an uncached list, p50', better: 'lower' } as const;
  return {
    figures: [
      figure('miss-direct', 'callApi alone, p50', direct),
      figure('miss-cost', 'a miss over callApi, p50', over('gateway'), 2),
      figure('miss-cost-stock', 'the same for the stock peer', over('stock')),
    ],
    ...(times('against').length > 0 && {
      comparisons: [compare(of, mediansOf(times('gateway'), rounds), mediansOf(times('against'), rounds))],
    }),
  };
}

/** The medians of as many equal parts. */
function mediansOf(times: readonly number[], parts: number): number[] {
  const size = Math.floor(times.length / parts);
  return Array.from({ length: parts }, (_, part) => median(times.slice(part * size, (part + 1) * size)));
}

class Reader {
  constructor(
    private readonly server: Server,
    private readonly environment: Environment,
  ) {}

  get name(): string {
    return this.server.name;
  }

  async read(scope: Scope): Promise<void> {
    const { url } = this.server.process;
    const { status, text } = await send(url, list(this.environment.tokens, scope, GROUPS));
    const good = status === 200 && hasData(`"totalCount":${GROUPS}`)(text);
    if (!good) throw new Error(`${url} responded ${status}: ${text}`);
  }
}
