import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { profilePage } from '../../bench/profile/page.js';
import { INSPECTED, inspectorUrl, recordProfile } from '../../bench/profile/record-profile.js';
import {
  type CallFrame,
  type CpuProfile,
  functionOf,
  placeOf,
  sharesOf,
} from '../../bench/profile/shares.js';
import { spawnChild } from '../../bench/servers/child.js';
import { eventually } from '../support/eventually.js';

const PROJECT = '/project';

function frame(functionName: string, path = '', scriptId = '1'): CallFrame {
  const url = path.startsWith('/') ? pathToFileURL(path).href : path;
  return { functionName, scriptId, url, lineNumber: 9 };
}

describe('a CPU profile', () => {
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
    expect(sharesOf(profile, ({ functionName }) => functionName)).toEqual([
      { name: '(idle)', selfUs: 400, totalUs: 400 },
      { name: 'send', selfUs: 300, totalUs: 300 },
      { name: 'list', selfUs: 200, totalUs: 500 },
      { name: 'main', selfUs: 100, totalUs: 600 },
    ]);
  });

  it('is recorded from a running process while something else happens', async () => {
    const output = join(folder, 'output.log');
    writeFileSync(output, '');
    // Recursion, because V8 counts functions that it inlined as their callers.
    const busy = 'function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }';
    const timers = 'setInterval(() => fibonacci(25), 10); setTimeout(() => process.exit(), 20_000);';
    const { stop } = spawnChild({ args: ['-e', `${busy} ${timers}`], env: INSPECTED, output });
    try {
      const url = await inspectorUrl(output);
      // On a busy machine, one recording may miss it.
      const share = await eventually(async () => {
        const shares = sharesOf(
          await recordProfile(url, () => sleep(200)),
          ({ functionName }) => functionName,
        );
        return shares.find(({ name }) => name === 'fibonacci');
      });
      expect(share.totalUs).toBeGreaterThan(0);
    } finally {
      await stop();
    }
  });

  it('shows shares and the time of one request', () => {
    const page = profilePage('a workload', profile, 100, PROJECT);
    expect(page).toContain('| dist/http | 20.0 % | 2.00 | 50.0 % | 5.00 |');
    expect(page).toContain('| npm fastify | 30.0 % | 3.00 | 30.0 % | 3.00 |');
    expect(page).toContain('| send fastify/reply.js:10 | 30.0 % | 3.00 | 30.0 % | 3.00 |');
  });
});
