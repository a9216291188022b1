import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Program } from './child.js';

/** Words that only run the command behind them. */
const PREFIXES: ReadonlySet<string> = new Set(['exec', 'env', 'cross-env']);

/** How an npm script of a folder starts node. */
export function readStartCommand(folder: string, script: string): Omit<Program, 'output'> {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  const { scripts } = JSON.parse(text) as { scripts: Readonly<Record<string, string>> };
  const command = parseStartCommand(scripts[script] ?? '');
  if (command === undefined) throw new Error(`The script ${script} of ${folder} does not start node.`);
  return { ...command, cwd: folder };
}

/** Parses `NAME=value … node ARGS…`; earlier commands joined by `&&` are ignored. `undefined` if it does not start node. */
export function parseStartCommand(script: string): Pick<Program, 'args' | 'env'> | undefined {
  const words = (script.split('&&').at(-1) ?? '').trim().split(/\s+/);
  const env: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(word) ?? [];
    if (name !== undefined && value !== undefined) env[name] = value;
    else if (!PREFIXES.has(word))
      return basename(word) === 'node' ? { args: words.slice(index + 1), env } : undefined;
  }
  return undefined;
}
