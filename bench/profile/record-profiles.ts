import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { eventually } from '../../test/support/eventually.js';
import type { AllocationProfile } from './allocation-profile.js';
import type { CpuProfile } from './cpu-profile.js';

/** Opens the inspector on an unused port. As NODE_OPTIONS it also reaches a server that a launcher starts. */
export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

const LISTENS = /^Debugger listening on (ws:\S+)$/gm;
/** With those that garbage collection removed. */
const ALLOCATIONS = {
  samplingInterval: 8 * 1024,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
};
/** Fine enough for a few seconds of load, and coarse enough to cost little. */
const INTERVAL_US = 500;
const REPLY_MS = 15_000;

/** Finds the inspector of a process in what it printed. `output`: a file. */
export function inspectorUrl(output: string): Promise<string> {
  // If a launcher has its own inspector, the last one is the server's.
  return eventually(async () => [...readFileSync(output, 'utf8').matchAll(LISTENS)].at(-1)?.[1]);
}

/** What was recorded while this many requests were sent. */
interface Recorded<P> {
  readonly profile: P;
  readonly requests: number;
}

export interface Profiles {
  readonly time: Recorded<CpuProfile>;
  readonly allocations: Recorded<AllocationProfile>;
}

/** Records both profiles of a process, one after the other, each while `load` runs. `load` returns the number of requests. */
export async function recordProfiles(url: string, load: () => Promise<number>): Promise<Profiles> {
  const socket = new WebSocket(url);
  const next = (type: string) => once(socket, type, { signal: AbortSignal.timeout(REPLY_MS) });
  /** Replies arrive in order, because each command waits for the previous one. */
  const send = async (method: string, params: object = {}): Promise<unknown> => {
    const reply = next('message');
    socket.send(JSON.stringify({ id: 1, method, params }));
    const [{ data }] = (await reply) as [{ readonly data: string }];
    return (JSON.parse(data) as { readonly result?: unknown }).result;
  };
  const record = async <P>(start: () => Promise<unknown>, stop: string): Promise<Recorded<P>> => {
    await start();
    const requests = await load();
    const { profile } = (await send(stop)) as { readonly profile: P };
    return { profile, requests };
  };
  try {
    await next('open');
    await send('Profiler.enable');
    await send('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    return {
      time: await record(() => send('Profiler.start'), 'Profiler.stop'),
      allocations: await record(
        () => send('HeapProfiler.startSampling', ALLOCATIONS),
        'HeapProfiler.stopSampling',
      ),
    };
  } finally {
    socket.close();
  }
}
