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

/** A call stack, innermost function first, and how much it took. */
export interface Stack {
  readonly frames: readonly CallFrame[];
  /** µs or bytes. */
  readonly amount: number;
}

/** How much the functions of that name took, and how much with everything that they called. */
export interface Share {
  readonly name: string;
  readonly self: number;
  readonly total: number;
}

const STATES: ReadonlyMap<string, string> = new Map([
  ['(program)', 'native code outside JavaScript'],
  ['(garbage collector)', 'garbage collection'],
  ['(idle)', 'idle'],
]);

/** Adds up amounts by the name that each frame is given, the largest first. */
export function sharesOf(stacks: readonly Stack[], nameOf: (frame: CallFrame) => string): Share[] {
  const shares = new Map<string, { self: number; total: number }>();
  for (const { frames, amount } of stacks) {
    // A set, so that recursion counts once.
    for (const [depth, name] of [...new Set(frames.map(nameOf))].entries()) {
      const share = shares.get(name) ?? { self: 0, total: 0 };
      shares.set(name, { self: share.self + (depth === 0 ? amount : 0), total: share.total + amount });
    }
  }
  return [...shares].map(([name, share]) => ({ name, ...share })).sort((a, b) => b.self - a.self);
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
