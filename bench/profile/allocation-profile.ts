import type { CallFrame, Stack } from './shares.js';

interface AllocatingCall {
  readonly callFrame: CallFrame;
  /** Bytes. */
  readonly selfSize: number;
  readonly children: readonly AllocatingCall[];
}

/** A sampled profile of allocations as V8 writes it. Source: the DevTools protocol, HeapProfiler.SamplingHeapProfile. */
export interface AllocationProfile {
  readonly head: AllocatingCall;
}

/** The stacks that allocated, with the bytes of each. */
export function allocationsOf({ head }: AllocationProfile): Stack[] {
  return head.children.flatMap((call) => stacksOf(call, []));
}

function stacksOf({ callFrame, selfSize, children }: AllocatingCall, callers: readonly CallFrame[]): Stack[] {
  const frames = [callFrame, ...callers];
  return [{ frames, amount: selfSize }, ...children.flatMap((call) => stacksOf(call, frames))];
}
