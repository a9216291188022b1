import type { SandboxControl, SandboxGroup } from '../../support/sandbox-control.js';
import { ACTIONS, type CallIndex } from './call-index.js';
import type { Write } from './plan.js';
import { SPACE } from './settings.js';

interface NumberedCall {
  readonly id: number;
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly applied: boolean;
  readonly at: string;
}

/** What the upstream executed, according to its call log and its groups. */
export class Executed {
  readonly #calls = new Map<number, NumberedCall>();
  readonly #groups = new Map<string, SandboxGroup>();
  readonly #bySubject = new Map<string, SandboxGroup[]>();
  #byWrite = new Map<Write, NumberedCall[]>();
  /** The number of links created for groups with an invite link, by group. */
  readonly #linksOfCreates = new Map<string, number>();

  constructor(
    private readonly sandbox: SandboxControl,
    private readonly index: CallIndex,
  ) {}

  /** Adds new calls from the log, which holds the last 100,000. */
  async readLog(): Promise<void> {
    for (const action of Object.values(ACTIONS)) {
      const calls = (await this.sandbox.calls(action)) as unknown as NumberedCall[];
      for (const call of calls) this.#calls.set(call.id, call);
    }
  }

  /** Reads the log and all groups. Call it when nothing is in flight. */
  async readAll(writes: readonly Write[]): Promise<void> {
    await this.readLog();
    for (const call of this.#calls.values()) this.#assign(call);
    for (const businessNumber of new Set(writes.map((write) => write.businessNumber))) {
      for (const group of await this.sandbox.groups({ custSpaceId: SPACE, businessNumber })) {
        this.#groups.set(group.groupId, group);
        this.#bySubject.set(group.subject, [...(this.#bySubject.get(group.subject) ?? []), group]);
      }
    }
  }

  /** Returns when the write was executed, each time, in epoch ms. */
  timesOf(write: Write): number[] {
    const calls = this.#byWrite.get(write) ?? [];
    return calls.filter(({ applied }) => applied).map(({ at }) => Date.parse(at));
  }

  group(groupId: string): SandboxGroup | undefined {
    return this.#groups.get(groupId);
  }

  groupsOfSubject(subject: string): readonly SandboxGroup[] {
    return this.#bySubject.get(subject) ?? [];
  }

  /** Returns how many links were created for a group with an invite link. */
  linksOf(groupId: string): number {
    return this.#linksOfCreates.get(groupId) ?? 0;
  }

  #assign(call: NumberedCall): void {
    const { action, parameters, applied } = call;
    const text = (name: string): string | null => {
      const value = parameters[name];
      return typeof value === 'string' ? value : null;
    };
    const write = this.index.writeOf(action, { get: text });
    if (write) this.#byWrite.set(write, [...(this.#byWrite.get(write) ?? []), call]);
    else if (action === ACTIONS.link && applied) {
      const groupId = text('GroupId') ?? '';
      this.#linksOfCreates.set(groupId, this.linksOf(groupId) + 1);
    }
  }
}
