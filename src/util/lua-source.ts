import { readFileSync } from 'node:fs';

/** Returns the source of a Lua script in the folder `lua` next to a module, given its `import.meta.url`. */
export function luaSource(moduleUrl: string, name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, moduleUrl), 'utf8');
}
