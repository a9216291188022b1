import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type Config, ConfigError } from '../../src/config/config.js';
import { acmeFile, TenancyFixture } from '../support/tenancy-fixture.js';

const REJECTED = 'rejected the tenants file, keeping the current tenants: ';
const BROKEN = `tenants: [${'{},'.repeat(5_000)}]`;
const ACCOUNT = '{ id: b, credentials: { accessKeyIdEnv: AK_ID, accessKeySecretEnv: AK_SECRET } }';

let fixture: TenancyFixture;
let logged: unknown[];
beforeEach(() => {
  fixture = new TenancyFixture();
  fixture.write('tenants.yaml', acmeFile());
  logged = [];
  const ignore = (): void => undefined;
  Logger.overrideLogger({ log: ignore, warn: ignore, error: (line: unknown) => logged.push(line) });
});
afterEach(() => fixture.close());

describe('a tenants file with thousands of faults', () => {
  it('logs the verdict first, then 100 faults and the number of others', async () => {
    const directory = fixture.directory();
    fixture.write('tenants.yaml', BROKEN);
    expect(await directory.reload()).toBe('refused');
    expect(logged).toHaveLength(102);
    expect(logged[0]).toContain(REJECTED);
    expect(logged[1]).toContain(': line 1: tenants[0].id: is required');
    expect(logged[101]).toMatch(/^fault in TENANTS_FILE .*: … and 9,900 more faults$/);
  });

  it('stops the start with as many', () => {
    fixture.write('tenants.yaml', BROKEN);
    let faults: readonly string[] = [];
    try {
      fixture.directory();
    } catch (error) {
      if (error instanceof ConfigError) faults = error.faults;
    }
    expect(faults).toHaveLength(101);
    expect(faults.at(-1)).toContain('… and 9,900 more faults');
  });
});

describe('a reload that fails because of a bug', () => {
  it.each([
    ['an error', new TypeError('secret is not usable')],
    ['another value', 'secret'],
  ])('keeps the current tenants and logs the cause: %s', async (_what, thrown) => {
    const fail = (): never => {
      throw thrown;
    };
    const config = Object.create(fixture.config(), { secret: { value: fail } }) as Config;
    const directory = fixture.directory(config);
    const before = directory.tenant('acme');
    fixture.write('tenants.yaml', `accounts: [${ACCOUNT}]\n${acmeFile()}`);
    expect(await directory.reload()).toBe('refused');
    await expect(directory.reloadOnRequest()).resolves.toBeDefined();
    expect(directory.tenant('acme')).toBe(before);
    const cause = thrown instanceof Error ? thrown : expect.any(Error);
    expect(logged[0]).toEqual({ msg: expect.stringContaining(`${REJECTED}a bug`), err: cause });
    expect(await fixture.counted('gateway_tenants_reloads_total', 'outcome', 'refused')).toBe(2);
    // The next edit that can be read is applied.
    fixture.write('tenants.yaml', acmeFile().replace('Acme Travel', 'Acme'));
    expect(await directory.reload()).toBe('applied');
    expect(directory.tenant('acme')?.name).toBe('Acme');
    expect(await fixture.gauged('gateway_tenants_last_reload_successful')).toBe(1);
  });
});
