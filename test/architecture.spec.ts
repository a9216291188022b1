import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const SRC = new URL('../src', import.meta.url).pathname;

const SHARED = ['util', 'request', 'config', 'errors', 'telemetry', 'tracing'];
/** Code that works on behalf of a tenant imports its scope and nothing else from tenancy. */
const SCOPED = [...SHARED, 'tenancy/tenant-scope'];
/** Imports of every folder of chat-groups. */
const PRODUCT = [
  ...SHARED,
  'openapi',
  'http/input.pipe',
  'http/fast-handler',
  'tenancy',
  'cams',
  'cache',
  'state',
  'idempotency',
  'rate-limit',
];
const inChatGroups = (...folders: string[]): string[] => [
  ...PRODUCT,
  ...folders.map((folder) => `chat-groups/${folder}`),
];

/**
 * Folder → the folders or files that it may import besides itself; the most specific row counts. `main`, `app` and
 * `cli` wire everything together and may import everything.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  config: ['util'],
  util: [],
  request: ['util'],
  errors: ['util', 'request'],
  openapi: ['util', 'request', 'errors'],
  listeners: ['util', 'request', 'errors'],
  tracing: ['util', 'request', 'config'],
  telemetry: ['util', 'request', 'config', 'errors', 'listeners', 'tracing'],
  outbound: ['config'],
  pictures: ['util', 'config', 'outbound'],
  redis: SHARED,
  tenancy: SHARED,
  cams: [...SCOPED, 'outbound', 'redis'],
  cache: [...SCOPED, 'redis'],
  state: [...SHARED, 'redis'],
  idempotency: [...SCOPED, 'redis', 'state'],
  'rate-limit': [...SCOPED, 'redis'],
  http: [...SHARED, 'listeners', 'tenancy', 'rate-limit', 'cache/listing-memo'],
  graphql: SHARED,
  readiness: [...SHARED, 'tenancy', 'cams', 'redis'],
  'web-ui': SHARED,
  'fast-path': [...SHARED, 'http', 'graphql', 'tenancy', 'cache/listing-memo'],
  'chat-groups': inChatGroups('model', 'reads', 'writes', 'creates', 'rest', 'graphql'),
  'chat-groups/model': [...inChatGroups(), 'graphql/field-cost'],
  'chat-groups/reads': inChatGroups('model'),
  'chat-groups/writes': [...inChatGroups('model', 'reads'), 'pictures'],
  'chat-groups/creates': inChatGroups('model', 'reads', 'writes'),
  'chat-groups/rest': inChatGroups('model', 'reads', 'writes', 'creates'),
  'chat-groups/graphql': [...inChatGroups('model', 'reads', 'writes', 'creates'), 'graphql/field-cost'],
  sandbox: ['cams/wire', 'util'],
};
const COMPOSITION = ['app', 'cli'];

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Returns every import inside src, as paths without extension, relative to src. */
function importsOf(files: readonly string[]): Import[] {
  return files.flatMap((file) =>
    [...readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import|import\()\s*'(\.[^']+)'/g)].map(
      (match) => ({
        from: file.replace(/\.ts$/, ''),
        to: relative(SRC, normalize(join(SRC, dirname(file), match[1] ?? ''))).replace(/\.js$/, ''),
      }),
    ),
  );
}

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
}

/** Returns the most specific row for a file. Without a row, it may import everything. */
function rowOf(file: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((folder) => file.startsWith(`${folder}/`))
    .toSorted((a, b) => b.length - a.length)[0];
}

function allowed({ from, to }: Import): boolean {
  const row = rowOf(from);
  if (row === undefined) return true;
  return [row, ...(MAY_IMPORT[row] ?? [])].some((target) => to === target || to.startsWith(`${target}/`));
}

function cycle(imports: readonly Import[]): string[] | undefined {
  const next = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { to } of next.get(file) ?? []) {
      const found = visit(to, [...path, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  return [...next.keys()].map((file) => visit(file, [])).find((found) => found !== undefined);
}

describe('the source folders', () => {
  const files = sourceFiles();
  const imports = importsOf(files.filter((file) => !file.endsWith('.spec.ts')));

  it('all have a row in the table', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]));
    const rows = [...COMPOSITION, ...Object.keys(MAY_IMPORT)].filter((row) => !row.includes('/'));
    expect([...folders].toSorted()).toEqual(rows.toSorted());
    const rooms = files.filter((file) => /^chat-groups\/.*\//.test(file)).map((file) => dirname(file));
    expect([...new Set(rooms)].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });

  it('are checked by their actual imports', () => {
    expect(imports).toContainEqual({ from: 'chat-groups/reads/group-pages', to: 'cams/cams-client' });
    expect(allowed({ from: 'sandbox/sandbox', to: 'errors/gateway-error' })).toBe(false);
    expect(allowed({ from: 'cams/cams-client', to: 'tenancy/principal' })).toBe(false);
    expect(allowed({ from: 'chat-groups/reads/ownership', to: 'chat-groups/writes/group-writes' })).toBe(
      false,
    );
    expect(allowed({ from: 'chat-groups/rest/headers', to: 'chat-groups/graphql/payloads' })).toBe(false);
  });

  it('import only what the table allows', () => {
    expect(imports.filter((one) => !allowed(one))).toEqual([]);
  });

  it('have no import cycles', () => {
    expect(cycle([...imports, { from: 'config', to: 'main' }, { from: 'main', to: 'config' }])).toBeDefined();
    expect(cycle(imports)).toBeUndefined();
  });

  it('have no barrel files', () => {
    expect(files.filter((file) => /(?:^|\/)index\.ts$/.test(file))).toEqual([]);
  });

  it('read the environment in one place', () => {
    const readers = files.filter((file) => readFileSync(join(SRC, file), 'utf8').includes('process.env'));
    expect(readers).toEqual(['config/config.ts']);
  });
});
