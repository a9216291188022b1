import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface CallFrame {
  readonly functionName: string;
  /** `0`: built into V8. */
  readonly scriptId: string;
  readonly url: string;
  /** Starts at 0. */
  readonly lineNumber: number;
}

/** A CPU profile as V8 writes it. Source: the DevTools protocol, Profiler.Profile. */
export interface CpuProfile {
  readonly nodes: readonly { id: number; callFrame: CallFrame; children?: readonly number[] }[];
  /** Node IDs. */
  readonly samples: readonly number[];
  /** The time before each sample in µs. */
  readonly timeDeltas: readonly number[];
}

/** Time in µs: in the functions of that name, and with everything that they called. */
export interface Share {
  readonly name: string;
  readonly selfUs: number;
  readonly totalUs: number;
}

const STATES: ReadonlyMap<string, string> = new Map([
  ['(program)', 'native code outside JavaScript'],
  ['(garbage collector)', 'garbage collection'],
  ['(idle)', 'idle'],
]);

/** Adds up the time by the name that each frame is given, most time first. */
export function sharesOf(profile: CpuProfile, nameOf: (frame: CallFrame) => string): Share[] {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const shares = new Map<string, { selfUs: number; totalUs: number }>();
  for (const [index, sample] of profile.samples.entries()) {
    const stack = new Set<string>();
    // A set, so that recursion counts once. The root, which has no parent, is left out.
    for (let id = sample; parents.has(id); id = parents.get(id) ?? 0) stack.add(names.get(id) ?? '');
    // A sample lasts until the next one.
    const us = profile.timeDeltas[index + 1] ?? 0;
    for (const [depth, name] of [...stack].entries()) {
      const share = shares.get(name) ?? { selfUs: 0, totalUs: 0 };
      shares.set(name, { selfUs: share.selfUs + (depth === 0 ? us : 0), totalUs: share.totalUs + us });
    }
  }
  return [...shares].map(([name, share]) => ({ name, ...share })).sort((a, b) => b.selfUs - a.selfUs);
}

/** Where a frame belongs: a folder of the project, an npm package, Node, V8, or the state of the process. */
export function placeOf({ functionName, scriptId, url }: CallFrame, project: string): string {
  const state = STATES.get(functionName);
  if (state !== undefined) return state;
  if (url.startsWith('node:')) return 'node internals';
  if (!url.startsWith('file:')) return scriptId === '0' ? 'V8 and Node built-ins' : 'generated code';
  const path = fileURLToPath(url);
  const [, npm] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return npm === undefined ? relative(project, path).split('/').slice(0, 2).join('/') : `npm ${npm}`;
}

/** A function with its file and line. */
export function functionOf({ functionName, url, lineNumber }: CallFrame, project: string): string {
  const name = STATES.get(functionName) ?? (functionName || '(anonymous)');
  if (url === '') return name;
  const file = url.startsWith('file:') ? relative(project, fileURLToPath(url)) : url;
  return `${name} ${file.replace(/.*node_modules\//, '')}:${lineNumber + 1}`;
}
