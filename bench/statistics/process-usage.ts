import { readFileSync } from 'node:fs';

// USER_HZ is 100 on every Linux.
const MS_PER_TICK = 10;
const KIB_PER_MB = 1_024;

/** CPU time of a process since its start, user and system, in ms. Source: proc_pid_stat(5). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // Field 2 is the name in parentheses, which may contain spaces; fields 14 and 15 are utime and stime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** Resident memory of a process in MB. Source: proc_pid_status(5). */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / KIB_PER_MB;
}
