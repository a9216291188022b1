import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { processTree } from '../statistics/process-usage.js';
import type { Environment } from './environment.js';

const CORE = '0';
/** With this niceness, a thread gets about a tenth of a core that it shares with a thread of niceness 0. Source: sched(7). */
const NICENESS = 10;

/**
 * Leaves a running server about a tenth of one core, so that a load generator on the same machine can offer several times what
 * it can serve. A busy process takes the rest until the environment is closed.
 */
export function leavePartOfACore(pid: number, environment: Environment): void {
  for (const member of processTree(pid)) {
    pin(member);
    for (const thread of readdirSync(`/proc/${member}/task`)) setPriority(Number(thread), NICENESS);
  }
  pin(environment.spawn({ args: ['--eval', 'for (;;);'], env: {} }));
}

function pin(pid: number): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', CORE, String(pid)], { stdio: 'ignore' });
}
