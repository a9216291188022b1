import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, loadPepper, loadSandboxSettings } from './config.js';
import { SECRET_NAMES, SETTING_NAMES } from './setting-names.js';

const folder = mkdtempSync(join(tmpdir(), 'gateway-canaries-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Where a secret can be in a value that is not one as a whole. */
const IN_URLS = [
  'https://user:canary@host.example/path',
  'https://canary@host.example',
  'https://host.example?token=canary',
  'redis://:canary@host.example:x',
  'https://a.example,https://user:canary@b.example?canary',
];
const AS_SECRETS = ['canary', 'canary\nsecond line', '%canary', 'canary,canary', ...IN_URLS];
const BASES: readonly Readonly<Record<string, string>>[] = [
  {},
  { NODE_ENV: 'production' },
  { CAMS_ENDPOINT: 'cams.example.com', TENANTS_FILE: 't', JWT_ISSUER: 'i' },
];

/** Everything about the settings that an operator or a log can see. */
function shown(env: Readonly<Record<string, string>>): string {
  return [loadConfig, loadPepper, loadSandboxSettings]
    .map((load) => {
      try {
        const loaded = load(env);
        return typeof loaded === 'object' && 'changed' in loaded
          ? JSON.stringify([loaded.changed, loaded.warnings])
          : '';
      } catch (error) {
        if (error instanceof ConfigError) return `${error.message} ${error.faults.join()}`;
        throw error;
      }
    })
    .join();
}

it.each(SECRET_NAMES)('never shows the secret %s', (name) => {
  for (const [index, value] of AS_SECRETS.entries()) {
    const file = join(folder, `${name}-${index}`);
    writeFileSync(file, value);
    const given = [
      { [name]: value },
      { [`${name}_FILE`]: file },
      { [name]: value, [`${name}_FILE`]: file },
      // A mistake in the name.
      { [`${name}S`]: value },
      { [`${name}\u200B`]: value },
    ];
    for (const env of BASES.flatMap((base) => given.map((one) => ({ ...base, ...one }))))
      expect(shown(env)).not.toContain('canary');
  }
});

it.each(SETTING_NAMES)('shows no user, password or query of a URL in %s', (name) => {
  for (const value of IN_URLS)
    for (const base of BASES) expect(shown({ ...base, [name]: value })).not.toContain('canary');
});

it.each(['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'CAMS_PROXY'])('never shows the proxy %s', (name) => {
  for (const value of AS_SECRETS)
    for (const base of BASES) expect(shown({ ...base, [name]: value })).not.toContain('canary');
});
