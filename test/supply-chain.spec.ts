import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

interface Package {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function lockOf(folder: string): Readonly<Record<string, Locked>> {
  const lock = read(join(folder, 'package-lock.json')) as { packages: Record<string, Locked> };
  return lock.packages;
}

/** The folders of the repository with a package.json: the gateway, examples, clients that tests generate. */
const folders = readdirSync('.', { recursive: true, encoding: 'utf8' })
  .filter((file) => basename(file) === 'package.json' && !/(^|\/)(node_modules|dist)\//.test(file))
  .map(dirname);

/** Install scripts that run: they download or choose the binary of the platform. */
const ALLOWED = new Set(['@swc/core', 'node']);
const REGISTRY = 'https://registry.npmjs.org/';

it('finds the packages of the repository', () => {
  expect(folders).toEqual(expect.arrayContaining(['.', 'examples/urql', 'test/generated-clients/orval']));
});

describe.each(folders)('the package in %s', (folder) => {
  const { allowScripts = {}, ...manifest } = read(join(folder, 'package.json')) as Package;
  const locked = (): [string, Locked][] => Object.entries(lockOf(folder)).filter(([path]) => path !== '');

  it('has a lock file with the integrity of every package, from the public registry only', () => {
    const faults = locked().flatMap(([path, { integrity = '', resolved = REGISTRY, link }]) =>
      link !== true && /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity) && resolved.startsWith(REGISTRY)
        ? []
        : [path],
    );
    expect(faults).toEqual([]);
    expect(locked().length).toBeGreaterThan(0);
  });

  it('names exact versions', () => {
    const wanted = Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    });
    expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('decides about every install script, and stops the installation if it does not', () => {
    const scripts = locked()
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.split('node_modules/').at(-1) ?? '');
    expect(scripts.filter((name) => typeof allowScripts[name] !== 'boolean')).toEqual([]);
    const allowed = Object.keys(allowScripts).filter((name) => allowScripts[name]);
    expect(allowed.filter((name) => !ALLOWED.has(name))).toEqual([]);
    expect(existsSync(join(folder, '.npmrc'))).toBe(true);
    const settings = readFileSync(join(folder, '.npmrc'), 'utf8').split('\n');
    expect(settings.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      'strict-allow-scripts=true',
    ]);
  });
});

interface Sbom {
  readonly bomFormat: string;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly hashes?: readonly { readonly alg: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

it('npm run sbom lists what the image contains, without development dependencies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-sbom-'));
  try {
    for (const file of ['package.json', 'package-lock.json', 'scripts/sbom.mjs'])
      cpSync(file, join(folder, file), { recursive: true });
    expect(spawnSync('npm', ['run', 'sbom'], { cwd: folder, encoding: 'utf8' })).toMatchObject({ status: 0 });
    const { bomFormat, components, dependencies } = read(join(folder, 'sbom.cdx.json')) as Sbom;
    expect(bomFormat).toBe('CycloneDX');
    const listed = new Set(components.map(({ name, version }) => `${name}@${version}`));
    const installed = Object.entries(lockOf('.'))
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`);
    expect([...listed].toSorted()).toEqual([...new Set(installed)].toSorted());
    expect(listed.size).toBeGreaterThan(200);
    expect(components.filter(({ hashes }) => hashes?.[0]?.alg !== 'SHA-512')).toEqual([]);
    const dangling = dependencies.flatMap(({ dependsOn = [] }) =>
      dependsOn.filter((ref) => !listed.has(ref)),
    );
    expect(dangling).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
