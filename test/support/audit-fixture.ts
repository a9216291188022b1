import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { ACME, type Json, type TestGateway } from './gateway.js';
import { WRITES, nameOfWrite } from './keyed-writes.js';
import { MEMBER, type Target } from './operations.js';

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

export interface AuditedLines {
  readonly attempt: Json;
  readonly outcome: Json;
  /** Only of a create request whose group was found after its request. */
  readonly found?: Json;
}

/** Returns the lines of each write, in order of the attempts. Fails if a write has other lines. */
export function writesOf(lines: readonly Json[]): AuditedLines[] {
  const writes = [...Map.groupBy(lines, ({ write }) => write).values()];
  return writes.map((ofWrite) => {
    const [attempt, outcome, found] = ofWrite;
    const isCreate = attempt?.operation === 'AddChatGroup';
    const events = found && isCreate ? ['attempt', 'outcome', 'found'] : ['attempt', 'outcome'];
    expect(ofWrite.map(({ event }) => event)).toEqual(events);
    // The outcome repeats every field of the attempt.
    expect(outcome).toMatchObject({ ...attempt, event: 'outcome', time: expect.any(String) });
    return { attempt, outcome, ...(found && { found }) };
  });
}

export function auditedWrites(lines: readonly Json[]): string[] {
  return writesOf(lines)
    .map(({ attempt }) => nameOfWrite(attempt.operation, attempt.groupId))
    .toSorted();
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
