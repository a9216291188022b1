import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ConfigError } from '../../src/config/config.js';
import { digestSecret } from '../../src/tenancy/auth/api-keys.js';
import { RequestContext } from '../../src/request/request-context.js';
import type { TenantDirectory } from '../../src/tenancy/directory/tenant-directory.js';
import { acmeFile, keyLine, SECRET_A, TenancyFixture } from '../support/tenancy-fixture.js';

const GLOBEX = `  - { id: globex, spaces: [{ custSpaceId: cams-globex }] }`;
const NOT_VALID = 'tenants: [{ id: acme, spaces: [{ custSpaceId: s, businessNumbers: [1] }], color: red }]';
const target = { custSpaceId: 'cams-acme', businessNumber: '8613800000001' };

let fixture: TenancyFixture;
beforeEach(() => {
  fixture = new TenancyFixture();
  fixture.write('tenants.yaml', acmeFile());
});
afterEach(() => fixture.close());

/** Resolves when the next change takes effect. */
function nextChange(directory: TenantDirectory): Promise<void> {
  return new Promise((resolve) => {
    const stop = directory.onChange(() => {
      stop();
      resolve();
    });
  });
}

/** Collects the lines that are logged at level `error`. */
function loggedErrors(): string[] {
  const lines: string[] = [];
  const ignore = (): void => undefined;
  Logger.overrideLogger({ log: ignore, warn: ignore, error: (line: string) => lines.push(line) });
  return lines;
}

function faultsAtStart(env: Readonly<Record<string, string>> = {}): readonly string[] {
  const config = fixture.config(env);
  try {
    fixture.directory(config);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('startup', () => {
  it('reads tenants, keys and accounts', () => {
    const directory = fixture.directory();
    expect(directory.tenant('acme')).toMatchObject({ id: 'acme', name: 'Acme Travel' });
    expect(directory.key('web')).toMatchObject({ id: 'web', tenant: directory.tenant('acme') });
    expect(directory.tenant('acme')?.account.credentials).toMatchObject({ accessKeyId: 'sandbox' });
    expect(directory.tenant('globex')).toBeUndefined();
    expect(directory.key('constructor')).toBeUndefined();
  });

  it('fails on an invalid file and lists every fault', () => {
    fixture.write('tenants.yaml', NOT_VALID);
    const file = fixture.path('tenants.yaml');
    expect(faultsAtStart()).toEqual([
      expect.stringContaining(`TENANTS_FILE ${file}: line 1, tenant acme: color: unknown field`),
      expect.stringContaining('line 1, tenant acme: spaces[0].businessNumbers[0]: must be text of 5 to'),
    ]);
  });

  it('fails if the file is missing or is a folder', () => {
    rmSync(fixture.path('tenants.yaml'));
    expect(faultsAtStart()).toEqual([expect.stringContaining('cannot be read (ENOENT)')]);
    mkdirSync(fixture.path('tenants.yaml'));
    expect(faultsAtStart()).toEqual([expect.stringContaining('not a regular file')]);
  });

  it('fails on a file larger than 64 MiB, and on one that can only be parsed as a whole, larger than 4 MiB', () => {
    fixture.write('tenants.yaml', `${acmeFile()}#${'x'.repeat(64 * 1024 * 1024)}`);
    expect(faultsAtStart()).toEqual([expect.stringMatching(/it has \d+ bytes, more than 67108864/)]);
    fixture.write('tenants.yaml', `tenants: [] #${'x'.repeat(4 * 1024 * 1024)}`);
    expect(faultsAtStart()).toEqual([expect.stringContaining('longer than 4 MiB')]);
  });

  it('uses the credential chain of the vendor for the default account if the environment has no credentials', () => {
    const real = {
      CAMS_ENDPOINT: 'cams.example.com',
      SINGLE_INSTANCE: 'true',
      API_KEY_PEPPER: 'a pepper of a good length, for tests',
    };
    const directory = fixture.directory(
      fixture.config({ ...real, TENANTS_FILE: fixture.write('t', 'tenants: [{ id: a, spaces: [] }]') }),
    );
    expect(directory.tenant('a')?.account.credentials).toEqual({ kind: 'chain' });
  });
});

describe('the demo keys', () => {
  const PEPPER = 'a pepper of a good length, for tests';
  const underPepper = keyLine('web', SECRET_A).replace(
    /'[0-9a-f]{64}'/,
    `'${digestSecret(SECRET_A, PEPPER).toString('hex')}'`,
  );

  it.each([
    ['with the sandbox pepper', keyLine('web', SECRET_A), { CAMS_ENDPOINT: 'cams.example.com' }],
    ['with the configured pepper', underPepper, { CAMS_ENDPOINT: 'https://cams.example.com:8443' }],
    ['with NODE_ENV=production', underPepper, { NODE_ENV: 'production' }],
    [
      'with NODE_ENV=production at a loopback address, which may be a tunnel',
      underPepper,
      { NODE_ENV: 'production', CAMS_ENDPOINT: 'http://127.0.0.1:3900' },
    ],
  ])('are refused for real CAMS %s', (_what, line, endpoint) => {
    fixture.write('tenants.yaml', acmeFile(line));
    const env = { ...endpoint, SINGLE_INSTANCE: 'true', API_KEY_PEPPER: PEPPER };
    expect(faultsAtStart(env)).toEqual([expect.stringContaining('belongs to a demo key')]);
  });

  it('are all refused if the tenants file of the sandbox is used for real CAMS', () => {
    const file = readFileSync('config/tenants.sandbox.yaml', 'utf8');
    fixture.write('tenants.yaml', file);
    const env = { CAMS_ENDPOINT: 'cams.example.com', SINGLE_INSTANCE: 'true', API_KEY_PEPPER: PEPPER };
    const refused = faultsAtStart(env).filter((fault) => fault.includes('belongs to a demo key'));
    expect(refused).toHaveLength([...file.matchAll(/digest: /g)].length);
  });

  it('work with a standalone sandbox', () => {
    const env = { CAMS_ENDPOINT: 'http://127.0.0.1:3900', API_KEY_PEPPER: PEPPER };
    expect(faultsAtStart(env)).toEqual([]);
  });
});

describe('a reload', () => {
  it('applies a valid edit and notifies the listeners', async () => {
    const directory = fixture.directory();
    let told = 0;
    directory.onChange(() => (told += 1));
    fixture.write('tenants.yaml', acmeFile(undefined, GLOBEX));
    expect(await directory.reload()).toBe('applied');
    expect(directory.tenant('globex')?.spaces).toEqual(new Map([['cams-globex', null]]));
    expect([told, directory.revision]).toEqual([1, 1]);
    expect(await fixture.counted('gateway_tenants_reloads_total', 'outcome', 'applied')).toBe(1);
  });

  it('keeps the last valid tenants after an invalid edit, logs every fault and counts the reload as refused', async () => {
    const directory = fixture.directory();
    const before = directory.tenant('acme');
    const logged = loggedErrors();
    fixture.write('tenants.yaml', NOT_VALID);
    expect(await directory.reload()).toBe('refused');
    expect(directory.tenant('acme')).toBe(before);
    expect(directory.revision).toBe(0);
    expect(logged).toEqual([
      expect.stringContaining('keeping the current tenants'),
      expect.stringContaining('line 1, tenant acme: color'),
      expect.stringContaining('line 1, tenant acme: spaces[0].businessNumbers[0]'),
    ]);
    expect(await fixture.counted('gateway_tenants_reloads_total', 'outcome', 'refused')).toBe(1);
    expect(await fixture.gauged('gateway_tenants_last_reload_successful')).toBe(0);
  });

  it('keeps the last valid tenants while the file is missing', async () => {
    const directory = fixture.directory();
    rmSync(fixture.path('tenants.yaml'));
    expect(await directory.reload()).toBe('refused');
    expect(directory.tenant('acme')).toBeDefined();
  });

  it('changes nothing if the content means the same', async () => {
    const directory = fixture.directory();
    fixture.write('tenants.yaml', `# a comment\n${acmeFile()}`);
    expect(await directory.reload()).toBe('unchanged');
    expect(directory.revision).toBe(0);
  });

  it('reads credential files again and replaces only the account whose credentials changed', async () => {
    const accounts = ['b', 'c'].map(
      (id) => `{ id: ${id}, credentials: { accessKeyIdFile: ${id}-id, accessKeySecretFile: ${id}-secret } }`,
    );
    const tenants = ['b', 'c'].map((id) => `{ id: ${id}, account: ${id}, spaces: [] }`);
    fixture.write(
      'tenants.yaml',
      `{ accounts: [${accounts.join()}], tenants: [${tenants.join()}, { id: d, spaces: [] }] }`,
    );
    for (const file of ['b-id', 'b-secret', 'c-id', 'c-secret']) fixture.write(file, `${file} of old\n`);
    const directory = fixture.directory();
    const before = ['b', 'c', 'd'].map((id) => directory.tenant(id)?.account);
    fixture.write('c-secret', 'new\n');
    expect(await directory.reload()).toBe('applied');
    const after = ['b', 'c', 'd'].map((id) => directory.tenant(id)?.account);
    expect(after.map((account, index) => account === before[index])).toEqual([true, false, true]);
    expect(after[1]?.credentials).toEqual({
      kind: 'static',
      accessKeyId: 'c-id of old',
      accessKeySecret: 'new',
    });
    expect(JSON.stringify(after)).not.toContain('new');
  });
});

describe('the file watcher', () => {
  it('notices a write in place', async () => {
    const directory = fixture.directory();
    const changed = nextChange(directory);
    fixture.write('tenants.yaml', acmeFile(undefined, GLOBEX));
    await changed;
    expect(directory.tenant('globex')).toBeDefined();
  });

  it('notices a file that an editor renamed over the old one, and the next write to it', async () => {
    const directory = fixture.directory();
    const renamed = nextChange(directory);
    fixture.write('tenants.new', acmeFile(undefined, GLOBEX));
    renameSync(fixture.path('tenants.new'), fixture.path('tenants.yaml'));
    await renamed;
    const written = nextChange(directory);
    fixture.write('tenants.yaml', acmeFile());
    await written;
    expect(directory.tenant('globex')).toBeUndefined();
  });

  it('notices the symlink swap of a Kubernetes volume', async () => {
    for (const [version, more] of [
      ['v1', ''],
      ['v2', GLOBEX],
    ] as const) {
      mkdirSync(fixture.path(version));
      fixture.write(`${version}/tenants.yaml`, acmeFile(undefined, more));
    }
    rmSync(fixture.path('tenants.yaml'));
    symlinkSync('v1', fixture.path('..data'));
    symlinkSync('..data/tenants.yaml', fixture.path('tenants.yaml'));
    const directory = fixture.directory();
    const changed = nextChange(directory);
    symlinkSync('v2', fixture.path('..data_tmp'));
    renameSync(fixture.path('..data_tmp'), fixture.path('..data'));
    await changed;
    expect(directory.tenant('globex')).toBeDefined();
  });

  it('notices a file that was removed and created again', async () => {
    const directory = fixture.directory();
    unlinkSync(fixture.path('tenants.yaml'));
    const changed = nextChange(directory);
    fixture.write('tenants.yaml', acmeFile(undefined, GLOBEX));
    await changed;
    expect(directory.tenant('globex')).toBeDefined();
  });

  it('notices a credentials file that was rotated', async () => {
    const account = '{ id: b, credentials: { accessKeyIdFile: id, accessKeySecretFile: secret } }';
    fixture.write('tenants.yaml', `{ accounts: [${account}], tenants: [{ id: b, account: b, spaces: [] }] }`);
    fixture.write('id', 'the-id');
    fixture.write('secret', 'old');
    const directory = fixture.directory();
    const changed = nextChange(directory);
    fixture.write('secret', 'new');
    await changed;
    expect(directory.tenant('b')?.account.credentials).toMatchObject({ accessKeySecret: 'new' });
  });
});

describe('a scope for background work', () => {
  const request = new RequestContext('op_1', 20_000);

  it('is opened according to the current tenants', async () => {
    const directory = fixture.directory();
    const scope = directory.scope('acme', target, request);
    expect(scope.key).toBe(JSON.stringify(['default', 'cams-acme', '8613800000001']));
    expect(scope.allows('groups:invite')).toBe(true);
    fixture.write('tenants.yaml', acmeFile().replace('8613800000001', '8613800000009'));
    await directory.reload();
    expect(() => directory.scope('acme', target, request)).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
  });

  it('has only the permissions that it is given', () => {
    const scope = fixture.directory().scope('acme', target, request, new Set(['groups:write']));
    expect([scope.allows('groups:write'), scope.allows('groups:invite')]).toEqual([true, false]);
  });

  it('is not opened for an unknown tenant, for a space of another tenant, or without permissions', () => {
    const directory = fixture.directory();
    const notFound = expect.objectContaining({ code: 'NOT_FOUND' });
    expect(() => directory.scope('globex', target, request)).toThrow(notFound);
    expect(() => directory.scope('acme', { ...target, custSpaceId: 'cams-globex' }, request)).toThrow(
      notFound,
    );
    expect(() => directory.scope('acme', target, request, new Set())).toThrow(notFound);
  });
});
