import { readdirSync, readFileSync } from 'node:fs';

// USER_HZ is 100 on every Linux.
const MS_PER_TICK = 10;
const KIB_PER_MB = 1_024;

/** CPU time of a process and its descendants so far, user and system, in ms. Source: proc_pid_stat(5). */
export function cpuMs(pid: number): number {
  return sum(processTree(pid), (member) => {
    const { utime, stime } = statOf(member);
    return (utime + stime) * MS_PER_TICK;
  });
}

/** Resident memory of a process and its descendants in MB. Source: proc_pid_status(5). */
export function residentMb(pid: number): number {
  return sum(processTree(pid), (member) => {
    const status = readFileSync(`/proc/${member}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / KIB_PER_MB;
  });
}

/** A process and its descendants: a start script may be a launcher that runs the server as its child. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), statOf(Number(name)).parent);
    } catch {
      // The process exited while the folder was read.
    }
  }
  const tree = [root];
  // The list grows while it is read, until no member has more children.
  for (const member of tree) for (const [pid, parent] of parents) if (parent === member) tree.push(pid);
  return tree;
}

function statOf(pid: number): { readonly parent: number; readonly utime: number; readonly stime: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // Field 2 is the name in parentheses, which may contain spaces; field 4 is the parent, 14 and 15 are utime and stime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), utime: Number(fields[11]), stime: Number(fields[12]) };
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + of(pid), 0);
}
