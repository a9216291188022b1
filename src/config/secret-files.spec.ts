import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { EnvReader } from './env-reader.js';
import { SECRET_NAMES } from './setting-names.js';

const folder = mkdtempSync(join(tmpdir(), 'gateway-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function faultsOf(read: EnvReader): readonly string[] {
  try {
    read.finish();
    return [];
  } catch (error) {
    return (error as { faults: readonly string[] }).faults;
  }
}

describe.each(SECRET_NAMES)('%s', (name) => {
  it('can be the content of a file, without the newline at its end', () => {
    const read = new EnvReader({ [`${name}_FILE`]: file('secret', 'canary\n') });
    expect([read.text(name), faultsOf(read)]).toEqual(['canary', []]);
    expect(read.changed).toEqual({ [name]: '(set)' });
  });

  it.each([
    ['does not exist', join(folder, 'missing'), 'cannot be read (ENOENT)'],
    ['is a folder', folder, 'cannot be used: not a regular file'],
    ['is empty', file('empty', '\n'), 'is an empty file'],
    ['is too long', file('long', 'x'.repeat(65_537)), 'cannot be used: it has 65537 bytes, more than 65536'],
  ])('is refused if the file %s', (_, path, fault) => {
    const read = new EnvReader({ [`${name}_FILE`]: path });
    read.text(name);
    expect(faultsOf(read)).toEqual([`${name}_FILE ${fault}`]);
  });

  it('is refused if it is also set directly', () => {
    const read = new EnvReader({ [name]: 'canary', [`${name}_FILE`]: file('both', 'canary') });
    read.text(name);
    expect(faultsOf(read)).toEqual([`${name} and ${name}_FILE are both set: remove one of them`]);
  });
});

it.each([
  ['https://user:canary@issuer.example/keys', 'https://issuer.example/keys'],
  ['https://user:can@ry@issuer.example/keys?token=canary', 'https://issuer.example/keys'],
])('shows no user, password or query of a URL: %s', (url, shown) => {
  const read = new EnvReader({ JWT_JWKS_URL: url });
  read.text('JWT_JWKS_URL');
  expect(read.changed).toEqual({ JWT_JWKS_URL: shown });
});

it('quotes no user or password in faults', () => {
  const read = new EnvReader({ CORS_ORIGINS: 'https://user:canary@app.example' });
  read.list('CORS_ORIGINS', () => false, 'an origin');
  expect(faultsOf(read)).toEqual(['CORS_ORIGINS contains "https://app.example", which is not an origin']);
});

it('reports nothing that follows from an unreadable file', () => {
  const read = new EnvReader({ API_KEY_PEPPER_FILE: join(folder, 'missing') });
  if (read.text('API_KEY_PEPPER') === '') read.fault('API_KEY_PEPPER', 'is too short');
  expect(faultsOf(read)).toEqual(['API_KEY_PEPPER_FILE cannot be read (ENOENT)']);
});
