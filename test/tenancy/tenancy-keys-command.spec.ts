import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runKeyCommand } from '../../src/cli/key-command.js';
import { acmeFile, TenancyFixture } from '../support/tenancy-fixture.js';

const PEPPER = 'a pepper of a good length, for tests';
const REAL = { NODE_ENV: 'production', API_KEY_PEPPER: PEPPER };
const GOOD = ['--tenant', 'acme', '--permissions', 'groups:read,groups:write'];

let fixture: TenancyFixture;
beforeEach(() => {
  fixture = new TenancyFixture();
});
afterEach(() => fixture.close());

/** Does what an operator does with the output: pastes the lines into the tenants file and uses the key. */
async function pasteAndUse(stdout: string, env: Readonly<Record<string, string>>) {
  const lines = stdout.slice(stdout.indexOf('      - id:'));
  fixture.write('tenants.yaml', acmeFile('').replace('apiKeys: []', `apiKeys:\n${lines}`));
  const apiKey = /cgk_\S+/.exec(stdout)?.[0] ?? '';
  return fixture.authenticator(fixture.config(env)).authenticate({ apiKey, address: '' });
}

describe('npm run keys', () => {
  it('prints a key, and lines that enable it when pasted into the tenants file', async () => {
    const { stdout, stderr, exitCode } = runKeyCommand(
      [...GOOD, '--id', 'web', '--expires', '2099-01-01T00:00:00Z'],
      REAL,
    );
    expect([stderr, exitCode]).toEqual(['', 0]);
    const principal = await pasteAndUse(stdout, {
      CAMS_ENDPOINT: 'cams.example.com',
      SINGLE_INSTANCE: 'true',
      API_KEY_PEPPER: PEPPER,
    });
    expect(principal.id).toBe('key:web');
    expect([...principal.permissions]).toEqual(['groups:read', 'groups:write']);
    expect(fixture.directory().key('web')?.expiresAtMs).toBe(Date.UTC(2099, 0, 1));
  });

  it('derives an ID from the tenant and generates another key each time', () => {
    const [first, second] = [runKeyCommand(GOOD, REAL), runKeyCommand(GOOD, REAL)];
    expect(first.stdout).toMatch(/ {2}cgk_acme-[0-9a-f]{6}\.[A-Za-z0-9_-]{43}\n/);
    expect(first.stdout).not.toBe(second.stdout);
  });

  it('keeps IDs that YAML would parse as numbers as text', async () => {
    const { stdout } = runKeyCommand([...GOOD, '--id', '123'], REAL);
    const principal = await pasteAndUse(stdout, {
      CAMS_ENDPOINT: 'cams.example.com',
      SINGLE_INSTANCE: 'true',
      API_KEY_PEPPER: PEPPER,
    });
    expect(principal.id).toBe('key:123');
  });

  it('uses the sandbox pepper if no other is set, and says so', async () => {
    const { stdout, stderr, exitCode } = runKeyCommand(GOOD, {});
    expect([stderr.split('\n').length, exitCode]).toEqual([2, 0]);
    expect(stderr).toContain('works with the sandbox');
    expect((await pasteAndUse(stdout, {})).tenant.id).toBe('acme');
  });

  it.each<[env: Record<string, string>]>([
    [{ NODE_ENV: 'production' }],
    [{ CAMS_ENDPOINT: 'cams.example.com' }],
    [{ NODE_ENV: 'production', API_KEY_PEPPER: 'short' }],
    // The gateway of a production would refuse it, too.
    [{ API_KEY_PEPPER: 'short' }],
    [{ API_KEY_PEPPER: 'a'.repeat(64) }],
    [{ API_KEY_PEPPER: 'a pepper of 31 characters: abcd' }],
    [{ CAMS_ENDPOINT: 'http://127.0.0.1:3900', API_KEY_PEPPER: 'short' }],
  ])('exits with 78 for the settings %j', (env) => {
    const { stdout, stderr, exitCode } = runKeyCommand(GOOD, env);
    expect([stdout, exitCode]).toEqual(['', 78]);
    expect(stderr).toMatch(/^API_KEY_PEPPER [^\n]+\n(?:The rules of production apply [^\n]+\n)?$/);
  });

  it.each<[what: string, args: string[], says: string]>([
    ['nothing', [], '--tenant is missing'],
    ['no permissions', ['--tenant', 'acme'], '--permissions must be one'],
    ['an empty list of permissions', ['--tenant', 'acme', '--permissions', ','], '--permissions must be one'],
    ['an unknown permission', ['--tenant', 'acme', '--permissions', 'groups:read,admin'], ', not "admin"'],
    ['an invalid tenant ID', ['--tenant', 'a b', '--permissions', 'groups:read'], '--tenant must be'],
    ['an invalid key ID', [...GOOD, '--id', 'a.b'], '--id must be'],
    ['a date without time', [...GOOD, '--expires', '2099-01-01'], '--expires must be'],
    ['a date in the past', [...GOOD, '--expires', '2001-01-01T00:00:00Z'], '--expires must be'],
    ['an unknown option', [...GOOD, '--pepper', 'x'], "Unknown option '--pepper'"],
    ['an option without a value', ['--tenant'], '--tenant'],
    ['an extra argument', [...GOOD, 'acme'], "Unexpected argument 'acme'"],
  ])('exits with 64 and one clear line for %s', (_what, args, says) => {
    const { stdout, stderr, exitCode } = runKeyCommand(args, REAL);
    expect([stdout, exitCode]).toEqual(['', 64]);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(says);
  });

  it('prints its usage', () => {
    const { stdout, exitCode } = runKeyCommand(['--help'], {});
    expect([stdout, exitCode]).toEqual([expect.stringContaining('--permissions'), 0]);
  });
});
