import type { SandboxControl } from '../../support/sandbox-control.js';
import type { Random } from '../coherence/random.js';
import { BUSY_NUMBER, GROUPS_OF_NUMBER, TENANT } from './settings.js';

/** Longer than CAMS may take to execute a call whose outcome is unknown: until then, its group refuses other writes. */
const UNCERTAIN_MS = 40_000;
const MEMBERS = ['8613700000099', '8613700000098'];
const SCOPE = { custSpaceId: TENANT.custSpaceId, businessNumber: BUSY_NUMBER };

/** The groups that writes are sent to, each to one write at a time. */
export class Groups {
  readonly #free = new Set<string>();
  readonly #taken = new Set<string>();
  #unknown = new Set<string>();

  private constructor(
    private readonly sandbox: SandboxControl,
    private readonly random: Random,
  ) {}

  /** Creates the groups of the run. */
  static async create(sandbox: SandboxControl, random: Random): Promise<Groups> {
    const groups = new Groups(sandbox, random);
    const first = { ...SCOPE, subject: 'Written to', participants: MEMBERS, inviteLink: true };
    for (const id of await sandbox.createGroups(GROUPS_OF_NUMBER, first)) groups.#free.add(id);
    return groups;
  }

  /** Whether there are more than at the start, so that one should be deleted. */
  get isFull(): boolean {
    return this.#free.size + this.#taken.size > GROUPS_OF_NUMBER;
  }

  /** Takes a group that no write is under way for; `undefined` if there is none. */
  take(): string | undefined {
    if (this.#free.size === 0) return undefined;
    const id = this.random.pick([...this.#free]);
    this.#free.delete(id);
    this.#taken.add(id);
    return id;
  }

  add(id: string): void {
    this.#free.add(id);
  }

  /** Ends a write. */
  release(id: string, end: 'kept' | 'deleted' | 'uncertain'): void {
    const free = (): void => {
      if (this.#taken.delete(id)) this.#free.add(id);
    };
    if (end === 'kept') free();
    else if (end === 'deleted') this.#taken.delete(id);
    else setTimeout(free, UNCERTAIN_MS).unref();
  }

  /**
   * Forgets groups that a write has deleted although its outcome was unknown, and removes those that one has created, so that
   * lists do not grow. Call it after each round of faults.
   */
  async tidy(): Promise<void> {
    const ids = new Set((await this.sandbox.groups(SCOPE)).map(({ groupId }) => groupId));
    for (const id of this.#free) if (!ids.has(id)) this.#free.delete(id);
    const unknown = [...ids].filter((id) => !this.#free.has(id) && !this.#taken.has(id));
    // One that was unknown a round ago was not created by a request under way.
    const old = unknown.filter((id) => this.#unknown.has(id));
    for (const groupId of old) await this.sandbox.changeGroup({ op: 'delete', groupId });
    this.#unknown = new Set(unknown);
  }
}
