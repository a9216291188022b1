import { readFileSync } from 'node:fs';

/** CPU ticks counted by the kernel since boot. */
export interface Ticks {
  /** All cores, idle time included. */
  readonly all: number;
  readonly idle: number;
  /** One process and its children that have exited. */
  readonly own: number;
}

/** Parses /proc/stat and a process's `stat`. Source: proc_stat(5), proc_pid_stat(5). */
export function readTicks(machine: string, own: string): Ticks {
  // user, nice, system, idle, iowait, irq, softirq and steal. The guest times that follow are part of user already.
  const [line = ''] = machine.split('\n', 1);
  const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const fields = own.slice(own.lastIndexOf(')') + 2).split(' ');
  return {
    all: sum(times),
    idle: (times[3] ?? 0) + (times[4] ?? 0),
    own: sum(fields.slice(11, 15).map(Number)),
  };
}

/** The share of CPU time that other processes used, from 0 to 1. */
export function shareOfOthers(before: Ticks, after: Ticks): number {
  const passed = after.all - before.all;
  const used = passed - (after.idle - before.idle) - (after.own - before.own);
  return passed === 0 ? 0 : Math.max(0, used / passed);
}

/** The current ticks of this process; children count once they have exited. */
export function ticksNow(): Ticks {
  return readTicks(readFileSync('/proc/stat', 'latin1'), readFileSync('/proc/self/stat', 'latin1'));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
