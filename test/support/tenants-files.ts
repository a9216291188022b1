import { expect } from '@jest/globals';
import {
  type TenantsFile,
  type TenantsFileReaders,
  type TenantsFileResult,
  parseTenantsFile,
} from '../../src/tenancy/directory/tenants-file.js';

export const DIGEST = 'ab'.repeat(32);
export const OTHER_DIGEST = 'cd'.repeat(32);
export const DEMO_DIGEST = 'ef'.repeat(32);

/** The environment variables and files that exist. */
export const READERS: TenantsFileReaders = {
  secret: (name) => ({ AK_ID: 'the-id', AK_SECRET: 'the-secret', EMPTY: ' ' })[name],
  readSecretFile: (path) => {
    if (path === 'empty') return '\n';
    if (path === 'secret') return 'of-a-file\n';
    throw new Error('no such file');
  },
  defaultCredentials: { kind: 'chain' },
  refusedDigests: new Set([DEMO_DIGEST]),
};

/** Every file is in portions, if it can be. */
export const IN_PORTIONS = { large: 0, portion: 100, whole: 1_000_000 };

/** Parses a tenants file in both ways, which differ only in how much they say about broken YAML. */
export function parseBothWays(text: string): TenantsFileResult {
  const whole = parseTenantsFile(text, READERS);
  const portions = parseTenantsFile(text, READERS, IN_PORTIONS);
  const isBroken = 'faults' in whole && whole.faults.some((fault) => fault.includes('parsed as YAML'));
  if (isBroken) expect('faults' in portions && portions.faults[0]).toContain('parsed as YAML');
  else expect(portions).toEqual(whole);
  return whole;
}

export function faultsOf(text: string): readonly string[] {
  const result = parseBothWays(text);
  return 'faults' in result ? result.faults : [];
}

export function expectFault(text: string, fault: RegExp): void {
  expect(faultsOf(text)).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
}

/** Parses a tenants file. Throws if it has faults. */
export function parsed(text: string): TenantsFile {
  const result = parseBothWays(text);
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.file;
}

/** A description, the text, and an expected fault. */
export type FaultCase = readonly [what: string, text: string, fault: RegExp];

export const tenant = (rest: string): string => `tenants: [{ id: a, spaces: [], ${rest} }]`;
export const space = (rest: string): string => `tenants: [{ id: a, spaces: [{ ${rest} }] }]`;
