import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compare, comparisonsOf, verdictOf, worseThanAgainst } from '../../bench/report/comparison.js';
import { selectServers } from '../../bench/run/measure-all.js';
import type { Row } from '../../bench/run/rounds.js';
import { spawnChild } from '../../bench/servers/child.js';
import { requireBuild } from '../../bench/servers/run.js';
import { parseStartCommand, readStartCommand } from '../../bench/servers/start-command.js';
import { cpuMs, processTree } from '../../bench/statistics/process-usage.js';
import { spreadOf } from '../../bench/statistics/spread.js';
import { inAlternation } from '../../bench/workloads/single-figures.js';
import { eventually } from '../support/eventually.js';

describe('the comparison with another build', () => {
  it('interpolates quartiles between the neighbours of a rank, in any order', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({
      count: 4,
      min: 1,
      lowerQuartile: 1.75,
      median: 2.5,
      upperQuartile: 3.25,
      max: 4,
    });
    expect(spreadOf([7])).toMatchObject({ min: 7, lowerQuartile: 7, median: 7, upperQuartile: 7, max: 7 });
    expect(() => spreadOf([])).toThrow('Nothing was measured.');
  });

  const verdict = (better: 'higher' | 'lower', ...gateway: number[]) =>
    verdictOf(
      compare(
        { name: 'a/b', title: 'A', better },
        gateway,
        gateway.map(() => 100),
      ),
    );

  it('counts a difference only if the quartiles lie on the same side of 1', () => {
    expect(verdict('higher', 90, 95, 96, 97)).toBe('worse');
    expect(verdict('lower', 90, 95, 96, 97)).toBe('better');
    expect(verdict('higher', 103, 104, 105, 110)).toBe('better');
    expect(verdict('lower', 103, 104, 105, 110)).toBe('worse');
    // The median is 0.95, but a quarter of the rounds say the opposite.
    expect(verdict('higher', 90, 94, 96, 140)).toBe('within spread');
    expect(verdict('higher', 100, 100, 100, 100)).toBe('within spread');
    expect(verdict('higher', 50, 50, 50)).toBe('too few rounds');
  });

  it('compares requests and CPU time of the same rounds, in each workload with both builds', () => {
    const row = (workload: string, server: Row['server'], ...rounds: Row['rounds']): Row => ({
      workload,
      title: workload.toUpperCase(),
      server,
      rounds,
      perSecond: 1,
      p50: 1,
      p99: 1,
      bodyBytes: 1,
      cpuMsPer1000: 1,
      residentMb: 1,
      upstreamCallsPer1000: 1,
      generatorLoad: 1,
    });
    const round = (perSecond: number, cpuMsPer1000: number) => ({ perSecond, cpuMsPer1000 });
    const found = comparisonsOf([
      row('a', 'gateway', round(90, 12), round(900, 1.2)),
      row('a', 'against', round(100, 10), round(1_000, 1)),
      row('a', 'stock', round(1, 1), round(1, 1)),
      row('b', 'gateway', round(1, 1)),
    ]);
    expect(
      found.map(({ name, better, ratio: { min, max } }) => [name, better, min.toFixed(3), max.toFixed(3)]),
    ).toEqual([
      ['a/requests', 'higher', '0.900', '0.900'],
      ['a/cpu', 'lower', '1.200', '1.200'],
    ]);
  });

  it('names the figures in which this gateway is worse', () => {
    const slower = compare(
      { name: 'a/cpu', title: 'A', better: 'lower' },
      [11, 12, 12, 13],
      [10, 10, 10, 10],
    );
    const faster = compare({ name: 'a/requests', title: 'A', better: 'higher' }, [3, 3, 3, 3], [2, 2, 2, 2]);
    expect(worseThanAgainst([slower, faster])).toEqual([
      { name: 'a/cpu', text: 'a/cpu: 1.200 × of the other build, quartiles 1.175–1.225' },
    ]);
  });

  it('measures the other build right after this gateway, in the opposite order every other round', () => {
    const servers = selectServers(['gateway', 'stock'], { against: '/other', servers: undefined });
    expect(servers).toEqual(['gateway', 'against', 'stock']);
    expect(inAlternation(servers, 1)).toEqual(servers);
    expect(inAlternation(servers, 2)).toEqual(['stock', 'against', 'gateway']);
    expect(selectServers(['gateway', 'stock'], { against: undefined, servers: undefined })).toEqual([
      'gateway',
      'stock',
    ]);
    expect(
      selectServers(['gateway', 'stock'], { against: '/other', servers: ['gateway', 'against'] }),
    ).toEqual(['gateway', 'against']);
  });
});

describe('the start of another build', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bench-against-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['A=1 B=x=y node --flag dist/main.js', { args: ['--flag', 'dist/main.js'], env: { A: '1', B: 'x=y' } }],
    ['node scripts/start.mjs', { args: ['scripts/start.mjs'], env: {} }],
    ['npm run build --silent && node dist/cli/sandbox.js', { args: ['dist/cli/sandbox.js'], env: {} }],
    ['exec  env A=1 /usr/bin/node a.js', { args: ['a.js'], env: { A: '1' } }],
    ['nest start', undefined],
    ['', undefined],
  ])('reads the start script %j', (script, command) => {
    expect(parseStartCommand(script)).toEqual(command);
  });

  it('reads the start command with its folder, and throws if it cannot start node', () => {
    const scripts = { 'start:prod': 'node dist/main.js', start: 'nest start' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }));
    expect(readStartCommand(folder, 'start:prod')).toEqual({ args: ['dist/main.js'], env: {}, cwd: folder });
    expect(() => readStartCommand(folder, 'start')).toThrow(
      `The script start of ${folder} does not start node.`,
    );
    expect(() => requireBuild(folder)).toThrow(`${folder} is not a built gateway: node_modules is missing.`);
  });

  it('counts and stops the server that a launcher started', async () => {
    const [server, output] = [join(folder, 'server.cjs'), join(folder, 'output.log')];
    const burntMs = 500;
    // The server exits by itself if the test fails to stop it.
    writeFileSync(server, `setTimeout(() => {}, 20_000); while (process.cpuUsage().user < ${burntMs}_000);`);
    writeFileSync(output, '');
    const launcher = `require('node:child_process').spawn(process.execPath, [${JSON.stringify(server)}])`;
    const { child, stop } = spawnChild({ args: ['-e', launcher], env: {}, output });
    const pid = child.pid ?? 0;
    const serverPid = await eventually(async () => processTree(pid)[1]);
    await eventually(async () => cpuMs(pid) > burntMs || undefined);
    await stop();
    await eventually(async () => !isRunning(serverPid) || undefined);
  });
});

/** A process that has exited, but was not waited for, has no command line. */
function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1') !== '';
  } catch {
    return false;
  }
}
