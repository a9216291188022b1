import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const SRC = new URL('../src', import.meta.url).pathname;

/** Folder → what it may import: a folder, or one file of it. Files directly in src may import everything. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  common: [],
  telemetry: ['common', 'config'],
  redis: ['common', 'config', 'telemetry'],
  tenancy: ['common', 'config', 'telemetry'],
  cams: ['common', 'config', 'telemetry', 'tenancy/tenant-scope'],
  cache: ['common', 'config', 'telemetry', 'redis', 'tenancy/tenant-scope'],
  state: ['common', 'config', 'telemetry', 'redis'],
  idempotency: ['common', 'config', 'telemetry', 'redis', 'state', 'tenancy/tenant-scope'],
  'rate-limit': ['common', 'config', 'telemetry', 'redis', 'tenancy/tenant-scope'],
  'chat-groups': [
    'common',
    'config',
    'telemetry',
    'tenancy',
    'cams',
    'cache',
    'state',
    'idempotency',
    'rate-limit',
  ],
  graphql: ['common', 'config', 'telemetry'],
  pages: ['common', 'config'],
  http: ['common', 'config', 'telemetry', 'tenancy', 'rate-limit'],
  sandbox: ['cams/wire'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Every import inside src, as paths without extension, relative to src. Source: the import lines themselves. */
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

function allowed({ from, to }: Import): boolean {
  const [folder = ''] = from.split(sep);
  if (!from.includes(sep) || to.startsWith(`${folder}${sep}`)) return true;
  return (MAY_IMPORT[folder] ?? []).some((target) => to === target || to.startsWith(`${target}${sep}`));
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

describe('the house', () => {
  const files = sourceFiles();
  const imports = importsOf(files.filter((file) => !file.endsWith('.spec.ts')));

  it('has a row for every folder', () => {
    const folders = new Set(files.filter((file) => file.includes(sep)).map((file) => file.split(sep)[0]));
    expect([...folders].toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted());
  });

  it('finds the imports that it judges', () => {
    expect(imports).toContainEqual({ from: 'chat-groups/group-pages', to: 'cams/cams-client' });
    expect(allowed({ from: 'sandbox/sandbox', to: 'common/errors' })).toBe(false);
    expect(allowed({ from: 'cams/cams-client', to: 'tenancy/principal' })).toBe(false);
  });

  it('imports only what the table allows', () => {
    expect(imports.filter((one) => !allowed(one))).toEqual([]);
  });

  it('has no cycles', () => {
    expect(cycle([...imports, { from: 'config', to: 'main' }, { from: 'main', to: 'config' }])).toBeDefined();
    expect(cycle(imports)).toBeUndefined();
  });

  it('has no barrels', () => {
    expect(files.filter((file) => file.endsWith('index.ts'))).toEqual([]);
  });

  it('reads the environment in one place', () => {
    const readers = files.filter((file) => readFileSync(join(SRC, file), 'utf8').includes('process.env'));
    expect(readers).toEqual(['config.ts']);
  });
});
