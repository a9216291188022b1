import { expect } from '@jest/globals';
import {
  type TenantsFile,
  type TenantsFileReaders,
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

export function faultsOf(text: string): readonly string[] {
  const result = parseTenantsFile(text, READERS);
  return 'faults' in result ? result.faults : [];
}

export function expectFault(text: string, fault: RegExp): void {
  expect(faultsOf(text)).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
}

/** Parses a tenants file. Throws if it has faults. */
export function parsed(text: string): TenantsFile {
  const result = parseTenantsFile(text, READERS);
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.file;
}

/** A description, the text, and an expected fault. */
export type FaultCase = readonly [what: string, text: string, fault: RegExp];

export const tenant = (rest: string): string => `tenants: [{ id: a, spaces: [], ${rest} }]`;
export const space = (rest: string): string => `tenants: [{ id: a, spaces: [{ ${rest} }] }]`;
