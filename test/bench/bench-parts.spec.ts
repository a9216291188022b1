import { createServer, type RequestListener, type Server } from 'node:http';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closedLoop, type Load } from '../../bench/load/closed-loop.js';
import { paced } from '../../bench/load/paced.js';
import { readOptions } from '../../bench/options.js';
import { sevenFieldsOf } from '../../bench/peers/fastify-7-fields/seven-fields.js';
import type { Group } from '../../bench/peers/group.js';
import { excessCalls, lossesOf } from '../../bench/report/baseline.js';
import { type Figure, isMet } from '../../bench/report/figure.js';
import { memoryFault } from '../../bench/report/flatness.js';
import { ratiosOf } from '../../bench/report/ratios.js';
import { differences } from '../../bench/run/compare-responses.js';
import { confirmLosses } from '../../bench/run/confirm.js';
import type { Row } from '../../bench/run/rounds.js';
import { readTicks, shareOfOthers } from '../../bench/statistics/machine-use.js';
import { median, quantile } from '../../bench/statistics/quantile.js';
import { Zipf } from '../../bench/statistics/zipf.js';
import { hasData, isGzip } from '../../bench/workloads/accepts.js';
import { LIST } from '../../bench/workloads/documents.js';
import { Random } from '../simulations/coherence/random.js';

describe('the statistics of the bench', () => {
  it('takes a quantile by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile([7], 0.5)]).toEqual([50, 99, 7]);
    expect(() => quantile([], 0.5)).toThrow('Nothing was measured.');
  });

  it('takes the middle value as the median, in any order', () => {
    expect([median([9, 1, 5]), median([4, 1, 3, 2])]).toEqual([5, 2.5]);
  });

  it('draws the first of 5,000 ranks as often as Zipf’s law predicts, and twice as often as the second', () => {
    const zipf = new Zipf(new Random(1), 5_000);
    const counts = new Map<number, number>();
    for (let drawn = 0; drawn < 100_000; drawn += 1) {
      const rank = zipf.next();
      counts.set(rank, (counts.get(rank) ?? 0) + 1);
    }
    // The sum of 1/k up to 5,000 is 9.0945.
    expect((counts.get(0) ?? 0) / 100_000).toBeCloseTo(1 / 9.0945, 2);
    expect((counts.get(1) ?? 0) / 100_000).toBeCloseTo(1 / 9.0945 / 2, 2);
    expect(Math.max(...counts.keys())).toBeLessThan(5_000);
  });
});

describe('machine use', () => {
  it('subtracts idle time, its own time and that of exited children: the rest went to other processes', () => {
    const own = (user: number, ofChildren: number): string =>
      `42 (a (strange) name) S 1 42 42 0 -1 4194304 9 9 9 9 ${user} 20 ${ofChildren} 40 20 0 11 0`;
    const before = readTicks('cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3', own(10, 30));
    expect(before).toEqual({ all: 1_000, idle: 850, own: 100 });
    // 1,000 ticks: 400 idle, 100 iowait, 100 of the process itself, 200 of its children.
    const after = readTicks('cpu  450 0 150 1200 150 0 0 50 0 0', own(110, 230));
    expect(shareOfOthers(before, after)).toBeCloseTo(0.2);
  });
});

describe('the verdicts of the bench', () => {
  it('compares measurements of the same round', () => {
    const row = (server: 'gateway' | 'against' | 'stock' | 'node:http', ...rounds: number[]): Row => ({
      workload: 'a',
      title: 'A',
      server,
      rounds: rounds.map((perSecond) => ({ perSecond, cpuMsPer1000: 1 })),
      perSecond: median(rounds),
      p50: 1,
      p99: 1,
      bodyBytes: 1,
      cpuMsPer1000: 1,
      residentMb: 1,
      upstreamCallsPer1000: 1,
      generatorLoad: 1,
    });
    // The machine became ten times as fast after the first round, and then slow again for one server only.
    const rows = [
      row('gateway', 10, 100, 100),
      row('stock', 20, 200, 50),
      row('node:http', 9, 9, 9),
      row('against', 9, 9, 9),
    ];
    expect(ratiosOf(rows)).toEqual([
      { name: 'a/stock', title: 'A: gateway ÷ stock', value: 0.5, unit: '×', target: null },
    ]);
  });

  const ratio = (value: number): Figure => ({ name: 'a/b', title: 'a ÷ b', value, unit: '×', target: 0.8 });

  it('takes a target as a minimum for ratios and as a maximum for everything else', () => {
    expect([isMet(ratio(0.8)), isMet(ratio(0.79))]).toEqual([true, false]);
    const p99 = { ...ratio(10), unit: 'ms', target: 10 } as const;
    expect([isMet(p99), isMet({ ...p99, value: 11 }), isMet({ ...p99, value: 11, target: null })]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('reports ratios more than 15 % below the baseline, and none that have no baseline', () => {
    expect(lossesOf([ratio(0.86)], { 'a/b': 1 })).toEqual([]);
    expect(lossesOf([ratio(0.84)], { 'a/b': 1 })).toEqual([
      { name: 'a/b', text: 'a/b: 0.84 ×, 16 % below the 1.00 × in bench/baseline.json' },
    ]);
    expect(lossesOf([ratio(0.1)], {})).toEqual([]);
  });

  it('reports only losses that recur in each repetition', async () => {
    const losses = (figures: readonly Figure[]) => lossesOf(figures, { 'a/b': 1, 'a/c': 1 });
    const confirmed = async (...values: number[]): Promise<string[]> => {
      const asked: string[] = [];
      const [first = 0, ...later] = values;
      const lost = await confirmLosses([ratio(first)], losses, async (workloads) => {
        asked.push(...workloads);
        return [ratio(later.shift() ?? 1), { ...ratio(0.1), name: 'a/c' }];
      });
      return [...asked, ...lost.map(({ name }) => name)];
    };
    expect(await confirmed(0.9)).toEqual([]);
    expect(await confirmed(0.8, 0.9)).toEqual(['a']);
    expect(await confirmed(0.8, 0.7, 0.9)).toEqual(['a', 'a']);
    expect(await confirmed(0.8, 0.7, 0.6)).toEqual(['a', 'a', 'a/b']);
  });

  it('reports upstream calls above the target', () => {
    const herd = (value: number): Figure => ({
      name: 'herd',
      title: 'a herd',
      value,
      unit: 'calls',
      target: 1,
    });
    expect(excessCalls([herd(1), ratio(0.1)])).toEqual([]);
    expect(excessCalls([herd(3)])).toEqual(['herd: 3 calls instead of 1']);
  });

  it('calls memory flat if it neither exceeds 300 MB nor grows by more than 15 %', () => {
    expect(memoryFault([200, 210, 229])).toBeUndefined();
    expect(memoryFault([200, 210, 231])).toBe('Memory grew by 16 % after the first step.');
    expect(memoryFault([200, 301, 200])).toBe('301 MB exceeds 300 MB.');
  });

  it('reports each place where two responses differ, except for the time of the listing', () => {
    const response = (subject: string, asOf: string) => ({ asOf, data: [{ subject, status: 'ACTIVE' }] });
    expect(differences(response('a', '1'), response('a', '2'), 'response')).toEqual([]);
    expect(differences(response('a', '1'), response('b', '1'), 'response')).toEqual([
      'response.data[0].subject: "a" and "b"',
    ]);
    expect(differences({ a: [1], b: null }, { a: [1, 2] }, 'response')).toEqual([
      'response.a: [1] and [1,2]',
      'response.b: null and nothing',
    ]);
  });

  it('lets a partial server omit fields, but not change the others', () => {
    const group: Group = {
      id: 'i',
      groupId: 'g',
      custSpaceId: 's',
      businessNumber: '1',
      channelType: 'WHATSAPP',
      subject: 'Tour',
      description: null,
      status: 'ACTIVE',
      rawStatus: 'ACTIVE',
      inviteLink: null,
      inviteLinkVisible: true,
      profilePictureUrl: null,
      participantCount: 3,
      groupType: null,
      groupLink: null,
      businessRole: null,
    };
    const seven = sevenFieldsOf(group);
    expect(Object.keys(seven)).toHaveLength(7);
    expect(differences([group], [seven], 'response', true)).toEqual([]);
    expect(differences([group], [seven], 'response')).toHaveLength(9);
    expect(differences([group], [{ ...seven, subject: 'Trip' }], 'response', true)).toEqual([
      'response[0].subject: "Tour" and "Trip"',
    ]);
    expect(differences([group], [{ ...seven, extra: 1 }], 'response', true)).toEqual([
      'response[0].extra: nothing and 1',
    ]);
    expect(differences([group], [], 'response', true)).toHaveLength(1);
  });

  it('selects the same seven fields in GraphQL lists and in the smaller REST list', () => {
    const [, selected = ''] = /nodes \{ (.+) \}/.exec(LIST) ?? [];
    const sent = Object.keys(sevenFieldsOf({} as Group));
    expect(sent.toSorted()).toEqual(selected.split(' ').toSorted());
  });

  it('rejects unknown options and workloads', () => {
    expect(readOptions(['--check'], [])).toMatchObject({ check: true, seconds: 2, connections: 32 });
    expect(readOptions(['--only', 'a,b'], ['a', 'b'])).toMatchObject({ only: ['a', 'b'], rounds: 8 });
    expect(() => readOptions(['--only', 'a,c'], ['a', 'b'])).toThrow('Unknown workload: c.');
    expect(() => readOptions(['--fast'], [])).toThrow('--fast');
    expect(() => readOptions(['--rounds', '1.5'], [])).toThrow('--rounds must be a whole number');
    expect(() => readOptions(['--check', '--save'], [])).toThrow('cannot be combined');
    expect(() => readOptions(['--check', '--against', '.'], [])).toThrow('cannot be combined');
    expect(() => readOptions(['--profile', 'a', '--against', '.'], [])).toThrow('cannot be combined');
    expect(() => readOptions(['--servers', 'stock,nginx'], [])).toThrow('Unknown server: nginx.');
    const options = readOptions(['--against', 'other', '--servers', 'gateway,against'], []);
    expect(options).toMatchObject({ against: resolve('other'), servers: ['gateway', 'against'] });
  });
});

describe('the load of the bench', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  async function loadOf(listener: RequestListener): Promise<Load> {
    const started = createServer(listener);
    server = started;
    await new Promise<void>((listening) => started.listen(0, '127.0.0.1', listening));
    const address = started.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const request = (path: string) => ({ method: 'GET', path, headers: {} }) as const;
    return {
      url: `http://127.0.0.1:${port}`,
      connections: 2,
      requests: (connection) => [request(`/${connection}/a`), request(`/${connection}/b`)],
      status: 200,
      accepts: hasData('fine'),
      until: { requests: 20 },
    };
  }

  it('sends the requests of each connection in turn, as many as requested', async () => {
    const asked: string[] = [];
    const load = await loadOf((request, response) => {
      asked.push(request.url ?? '');
      response.end('fine');
    });
    const seen = await closedLoop(load);
    const count = (path: string): number => asked.filter((url) => url === path).length;
    expect(['/0/a', '/0/b', '/1/a', '/1/b'].map(count)).toEqual([5, 5, 5, 5]);
    expect(seen).toMatchObject({ requests: 20, bodyBytes: 4 });
    expect(seen.p99).toBeGreaterThanOrEqual(seen.p50);
  });

  it('measures compressed bodies as they were sent', async () => {
    const text = 'fine '.repeat(1_000);
    const load = await loadOf((_, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync(text));
    });
    const seen = await closedLoop({ ...load, accepts: isGzip });
    expect(seen.bodyBytes).toBe(gzipSync(text).length);
    await expect(closedLoop(load)).rejects.toThrow('20 unexpected bodies');
  });

  it('fails on any response with another status', async () => {
    let answered = 0;
    const load = await loadOf((_, response) => {
      answered += 1;
      response.writeHead(answered === 7 ? 503 : 200).end('fine');
    });
    await expect(closedLoop(load)).rejects.toThrow('{"200":{"count":19},"503":{"count":1}} instead of 200');
  });

  it('fails on a response with GraphQL errors, although its status is 200', async () => {
    let answered = 0;
    const load = await loadOf((_, response) => {
      answered += 1;
      response.end(answered === 7 ? '{"data":"fine","errors":[]}' : 'fine');
    });
    await expect(closedLoop(load)).rejects.toThrow(
      '1 unexpected bodies, the first one {"data":"fine","errors":[]},',
    );
  });

  it('counts latency from when a request was due, even if another one delays it', async () => {
    let held = 0;
    const load = await loadOf((_, response) => {
      held += 1;
      // All connections wait for the first two responses, and so do the requests that become due meanwhile.
      if (held <= 2) setTimeout(() => response.end('fine'), 400);
      else response.end('fine');
    });
    const seen = await paced(load, 100, 0.5);
    expect(seen.requests).toBe(50);
    expect(seen.p50).toBeGreaterThan(100);
  });
});
