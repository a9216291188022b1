import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { ACME, type Json, type TestGateway } from './gateway.js';
import { MEMBER, OPERATIONS, type Target } from './operations.js';

export const WRITES = OPERATIONS.filter(({ kind }) => kind === 'write');

/** A temporary folder with an audit file that a test can read incrementally. */
export class AuditFixture {
  readonly #folder = mkdtempSync(join(tmpdir(), 'audit-'));
  readonly file = join(this.#folder, 'audit.log');
  /** The path of a file that cannot be created. */
  readonly unwritable = join(this.#folder, 'missing', 'audit.log');
  #seen = 0;

  /** The whole content of the audit file. */
  get text(): string {
    return readFileSync(this.file, { encoding: 'utf8', flag: 'a+' });
  }

  /** The lines since {@link forget}. */
  get lines(): Json[] {
    return linesOf(this.text.slice(this.#seen));
  }

  forget(): void {
    this.#seen = this.text.length;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

export function linesOf(text: string): Json[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

/** Returns the attempt and outcome line of each write, in order of the attempts. Fails if a write has other lines. */
export function writesOf(lines: readonly Json[]): { readonly attempt: Json; readonly outcome: Json }[] {
  const writes = [...Map.groupBy(lines, ({ write }) => write).values()];
  return writes.map((ofWrite) => {
    expect(ofWrite.map(({ event }) => event)).toEqual(['attempt', 'outcome']);
    const [attempt, outcome] = ofWrite;
    // The outcome repeats every field of the attempt.
    expect(outcome).toMatchObject({ ...attempt, event: 'outcome', time: expect.any(String) });
    return { attempt, outcome };
  });
}

/** Returns the writes that CAMS received since its log was cleared, named as in the audit log. */
export async function sentWrites({ sandbox }: TestGateway): Promise<string[]> {
  const calls = await sandbox.calls();
  return calls
    .filter(({ action }) => !action.startsWith('List'))
    .map(({ action, parameters }) => named(action, parameters['GroupId']))
    .toSorted();
}

export function auditedWrites(lines: readonly Json[]): string[] {
  return writesOf(lines)
    .map(({ attempt }) => named(attempt.operation, attempt.groupId))
    .toSorted();
}

function named(action: string, groupId: unknown): string {
  return `${action} ${String(groupId)}`;
}

let subjects = 0;

/** Creates a group with a link and a member for each write, so that all writes can run concurrently. */
export async function arrangeTargets(gateway: TestGateway): Promise<ReadonlyMap<string, Target>> {
  const ids = await gateway.sandbox.createGroups(WRITES.length, {
    ...ACME,
    subject: 'Arranged',
    inviteLink: true,
    participants: [MEMBER, '8613700000098'],
  });
  const targets = WRITES.map(({ name }, index): [string, Target] => {
    subjects += 1;
    return [name, { ...ACME, groupId: ids[index] ?? '', subject: `Audited ${subjects}` }];
  });
  return new Map(targets);
}
