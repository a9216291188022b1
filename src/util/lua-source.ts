import { readFileSync } from 'node:fs';

/** The source of a Lua script in the folder `lua` beside a module, given as its `import.meta.url`. */
export function luaSource(moduleUrl: string, name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, moduleUrl), 'utf8');
}
