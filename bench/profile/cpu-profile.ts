import type { CallFrame, Stack } from './shares.js';

/** A CPU profile as V8 writes it. Source: the DevTools protocol, Profiler.Profile. */
export interface CpuProfile {
  readonly nodes: readonly { id: number; callFrame: CallFrame; children?: readonly number[] }[];
  /** Node IDs. */
  readonly samples: readonly number[];
  /** The time before each sample in µs. */
  readonly timeDeltas: readonly number[];
}

/** The stack of each sample, with its time in µs. */
export function timesOf({ nodes, samples, timeDeltas }: CpuProfile): Stack[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  return samples.map((sample, index) => {
    const stack: CallFrame[] = [];
    // The root, which has no parent, is left out.
    for (let id = sample; parents.has(id); id = parents.get(id) ?? 0) {
      const frame = frames.get(id);
      if (frame) stack.push(frame);
    }
    // A sample lasts until the next one.
    return { frames: stack, amount: timeDeltas[index + 1] ?? 0 };
  });
}
