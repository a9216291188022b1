import { readFileSync } from 'node:fs';

/** What the kernel has counted since it started. */
export interface Ticks {
  /** Of all cores, idle ones included. */
  readonly all: number;
  readonly idle: number;
  /** Of one process, and of its children that have ended. */
  readonly own: number;
}

/** Reads /proc/stat and the `stat` of a process. Source: proc_stat(5), proc_pid_stat(5). */
export function readTicks(machine: string, own: string): Ticks {
  // user, nice, system, idle, waiting for disks, interrupts of two kinds, and what other virtual machines took; guests,
  // which follow, are in user already.
  const [line = ''] = machine.split('\n', 1);
  const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const fields = own.slice(own.lastIndexOf(')') + 2).split(' ');
  return {
    all: sum(times),
    idle: (times[3] ?? 0) + (times[4] ?? 0),
    own: sum(fields.slice(11, 15).map(Number)),
  };
}

/** How much of the time of all cores went to others, from 0 to 1. */
export function shareOfOthers(before: Ticks, after: Ticks): number {
  const passed = after.all - before.all;
  const used = passed - (after.idle - before.idle) - (after.own - before.own);
  return passed === 0 ? 0 : Math.max(0, used / passed);
}

/** As of now, for this process: its children count once they have ended. */
export function ticksNow(): Ticks {
  return readTicks(readFileSync('/proc/stat', 'latin1'), readFileSync('/proc/self/stat', 'latin1'));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
