import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { eventually } from '../../test/support/eventually.js';
import type { CpuProfile } from './shares.js';

/** Opens the inspector on an unused port. As NODE_OPTIONS it also reaches a server that a launcher starts. */
export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

const LISTENS = /^Debugger listening on (ws:\S+)$/gm;
/** Fine enough for a few seconds of load, and coarse enough to cost little. */
const INTERVAL_US = 500;
const REPLY_MS = 15_000;

/** Finds the inspector of a process in what it printed. `output`: a file. */
export function inspectorUrl(output: string): Promise<string> {
  // If a launcher has its own inspector, the last one is the server's.
  return eventually(async () => [...readFileSync(output, 'utf8').matchAll(LISTENS)].at(-1)?.[1]);
}

/** Profiles a process while `act` runs, so that neither its start nor its warm-up is recorded. */
export async function recordProfile(url: string, act: () => Promise<unknown>): Promise<CpuProfile> {
  const socket = new WebSocket(url);
  const next = (type: string) => once(socket, type, { signal: AbortSignal.timeout(REPLY_MS) });
  /** Replies arrive in order, because each command waits for the previous one. */
  const send = async (method: string, params: object = {}): Promise<unknown> => {
    const reply = next('message');
    socket.send(JSON.stringify({ id: 1, method, params }));
    const [{ data }] = (await reply) as [{ readonly data: string }];
    return (JSON.parse(data) as { readonly result?: unknown }).result;
  };
  try {
    await next('open');
    await send('Profiler.enable');
    await send('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await send('Profiler.start');
    await act();
    return ((await send('Profiler.stop')) as { readonly profile: CpuProfile }).profile;
  } finally {
    socket.close();
  }
}
