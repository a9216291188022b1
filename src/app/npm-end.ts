import { readFileSync } from 'node:fs';
import { npmProcessId } from '../config/config.js';

const INTERVAL_MS = 500;

/**
 * Calls back once when npm has ended, if npm started this process. npm runs scripts in a shell, which signals to npm end
 * without reaching this process: it would keep its ports.
 */
export function onNpmEnd(ended: () => void): void {
  const npm = npmProcessId();
  // A shell may replace itself with its last command. What is above npm is free to end: `npm start &`.
  if (npm === undefined || !isAbove(npm)) return;
  const timer = setInterval(() => {
    if (isAbove(npm)) return;
    clearInterval(timer);
    ended();
  }, INTERVAL_MS);
  timer.unref();
}

/** Whether a process is the parent of this one, or the parent of that. */
function isAbove(pid: number): boolean {
  return process.ppid === pid || parentOf(process.ppid) === pid;
}

/** Returns the ID of a process's parent; `undefined` if it has ended, or the system has no `/proc`. */
function parentOf(pid: number): number | undefined {
  try {
    // The name of the program, in parentheses, may contain anything.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return undefined;
  }
}
