import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { profilePage } from '../../bench/profile/page.js';
import { type AllocationProfile, allocationsOf } from '../../bench/profile/allocation-profile.js';
import { type CpuProfile, timesOf } from '../../bench/profile/cpu-profile.js';
import { INSPECTED, inspectorUrl, recordProfiles } from '../../bench/profile/record-profiles.js';
import { type CallFrame, functionOf, placeOf, sharesOf } from '../../bench/profile/shares.js';
import { spawnChild } from '../../bench/servers/child.js';
import { eventually } from '../support/eventually.js';

const PROJECT = '/project';

function frame(functionName: string, path = '', scriptId = '1'): CallFrame {
  const url = path.startsWith('/') ? pathToFileURL(path).href : path;
  return { functionName, scriptId, url, lineNumber: 9 };
}

describe('a profile', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bench-profile-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    [frame('(idle)', '', '0'), 'idle'],
    [frame('(garbage collector)', '', '0'), 'garbage collection'],
    [frame('writev', '', '0'), 'V8 and Node built-ins'],
    // Not looked up as a property of every object.
    [frame('toString', '', '0'), 'V8 and Node built-ins'],
    [frame('anonymous0'), 'generated code'],
    [frame('emit', 'node:events'), 'node internals'],
    [frame('send', '/project/node_modules/fastify/lib/reply.js'), 'npm fastify'],
    [frame('run', '/project/node_modules/a/node_modules/@b/c/index.js'), 'npm @b/c'],
    [frame('list', '/project/dist/chat-groups/reads/lists.js'), 'dist/chat-groups'],
    [frame('start', '/project/dist/main.js'), 'dist/main.js'],
  ])('finds the place of %j', (callFrame, place) => {
    expect(placeOf(callFrame, PROJECT)).toBe(place);
  });

  it('names functions with file and line', () => {
    expect(functionOf(frame('list', '/project/dist/lists.js'), PROJECT)).toBe('list dist/lists.js:10');
    expect(functionOf(frame('', '/project/node_modules/fastify/reply.js'), PROJECT)).toBe(
      '(anonymous) fastify/reply.js:10',
    );
    expect(functionOf(frame('(idle)'), PROJECT)).toBe('idle');
  });

  const nameOf = ({ functionName }: CallFrame): string => functionName;

  /** main calls list, which calls itself and then send. */
  const profile: CpuProfile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 6] },
      { id: 2, callFrame: frame('main', '/project/dist/main.js'), children: [3] },
      { id: 3, callFrame: frame('list', '/project/dist/http/list.js'), children: [4] },
      { id: 4, callFrame: frame('list', '/project/dist/http/list.js'), children: [5] },
      { id: 5, callFrame: frame('send', '/project/node_modules/fastify/reply.js') },
      { id: 6, callFrame: frame('(idle)') },
    ],
    samples: [2, 4, 5, 6, 5],
    // A sample lasts until the next one; the first delta is the time before it.
    timeDeltas: [1_000, 100, 200, 300, 400],
  };

  it('adds up the time in functions and with their calls, and counts recursion once', () => {
    expect(sharesOf(timesOf(profile), nameOf)).toEqual([
      { name: '(idle)', self: 400, total: 400 },
      { name: 'send', self: 300, total: 300 },
      { name: 'list', self: 200, total: 500 },
      { name: 'main', self: 100, total: 600 },
    ]);
  });

  /** main allocates 100 bytes; list, which it calls, 300, and 500 where it calls itself. */
  const allocations: AllocationProfile = {
    head: {
      callFrame: frame('(root)'),
      selfSize: 0,
      children: [
        {
          callFrame: frame('main', '/project/dist/main.js'),
          selfSize: 100,
          children: [
            {
              callFrame: frame('list', '/project/dist/http/list.js'),
              selfSize: 300,
              children: [
                { callFrame: frame('list', '/project/dist/http/list.js'), selfSize: 500, children: [] },
              ],
            },
          ],
        },
      ],
    },
  };

  it('adds up what functions allocate', () => {
    expect(sharesOf(allocationsOf(allocations), nameOf)).toEqual([
      { name: 'list', self: 800, total: 800 },
      { name: 'main', self: 100, total: 900 },
    ]);
  });

  it('is recorded from a running process while something else happens', async () => {
    const output = join(folder, 'output.log');
    writeFileSync(output, '');
    // Recursion, because V8 counts functions that it inlined as their callers.
    const busy = 'function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }';
    const wasteful = 'function waste() { for (let n = 0; n < 1_000; n += 1) globalThis.last = [n]; }';
    const timers =
      'setInterval(() => { fibonacci(25); waste(); }, 10); setTimeout(() => process.exit(), 20_000);';
    const { stop } = spawnChild({ args: ['-e', `${busy} ${wasteful} ${timers}`], env: INSPECTED, output });
    try {
      const url = await inspectorUrl(output);
      // On a busy machine, one recording may miss them.
      const recorded = await eventually(async () => {
        const { time, allocations: allocated } = await recordProfiles(url, async () => {
          await sleep(200);
          return 7;
        });
        const names = [timesOf(time.profile), allocationsOf(allocated.profile)].map((stacks) =>
          sharesOf(stacks, nameOf)
            .filter(({ self }) => self > 0)
            .map(({ name }) => name),
        );
        const isComplete = names[0]?.includes('fibonacci') && names[1]?.includes('waste');
        return isComplete ? [time.requests, allocated.requests] : undefined;
      });
      expect(recorded).toEqual([7, 7]);
    } finally {
      await stop();
    }
  });

  it('shows shares, and the time and bytes of one request', () => {
    const profiles = {
      time: { profile, requests: 100 },
      allocations: { profile: allocations, requests: 10 },
    };
    const page = profilePage('a workload', profiles, PROJECT);
    expect(page).toContain('| dist/http | 20.0 % | 2.00 | 50.0 % | 5.00 |');
    expect(page).toContain('| npm fastify | 30.0 % | 3.00 | 30.0 % | 3.00 |');
    expect(page).toContain('| send fastify/reply.js:10 | 30.0 % | 3.00 | 30.0 % | 3.00 |');
    expect(page).toContain('| all | 100.0 % | 90 | 100.0 % | 90 |');
    expect(page).toContain('| list dist/http/list.js:10 | 88.9 % | 80 | 88.9 % | 80 |');
  });
});
