import { readFileSync } from 'node:fs';

// What the kernel counts in, on every Linux (USER_HZ).
const MS_PER_TICK = 10;
const KIB_PER_MB = 1_024;

/** CPU time of a process since its start, user and system, in ms. Source: proc_pid_stat(5). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the name, in parentheses, and may hold spaces; 14 and 15 are the times.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** Memory of a process that is resident, in MB. Source: proc_pid_status(5). */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / KIB_PER_MB;
}
