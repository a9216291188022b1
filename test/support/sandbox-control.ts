/** One call in the sandbox's log. */
export interface LoggedCall {
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly query: string;
  readonly outcome: string;
  readonly applied: boolean;
  /** ISO 8601 */
  readonly at: string;
  readonly durationMs: number;
}

export interface SandboxGroup {
  readonly businessNumber: string;
  readonly groupId: string;
  readonly subject: string;
  readonly description?: string;
  readonly profilePictureFile?: string;
  readonly participants: readonly string[];
  readonly removed: readonly string[];
  readonly inviteLink: string | null;
  readonly status: string;
  readonly groupType?: string;
  readonly groupLink?: string;
  readonly businessRole?: string;
}

export interface Fault {
  readonly kind: string;
  readonly action?: string;
  readonly count?: number;
  /** Share of the calls to affect, from 0 to 1. */
  readonly ratio?: number;
  readonly ms?: number;
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
  readonly body?: string;
  /** What `fails-later` undoes of an update, or the members whose removal it undoes. If absent, everything. */
  readonly fields?: readonly string[];
  readonly members?: readonly string[];
  /** Overrides whether the fault kind executes the operation. */
  readonly apply?: boolean;
}

/** Controls a sandbox through its public HTTP controls. */
export class SandboxControl {
  constructor(readonly url: string) {}

  async reset(): Promise<void> {
    await this.#send('POST', 'reset');
  }

  async calls(action?: string): Promise<LoggedCall[]> {
    const { calls } = (await this.#send(
      'GET',
      `calls${action === undefined ? '' : `?action=${action}`}`,
    )) as {
      calls: LoggedCall[];
    };
    return calls;
  }

  /**
   * Returns the calls for a space. The gateway checks its account with a list of the first space in the tenants file, so a
   * test that waits for a caller's list at a new gateway needs another space.
   */
  async callsOf(custSpaceId: string, action: string): Promise<LoggedCall[]> {
    return (await this.calls(action)).filter(({ parameters }) => parameters['CustSpaceId'] === custSpaceId);
  }

  /** Returns the actions called since {@link forgetCalls}, in order. */
  async actions(): Promise<string[]> {
    return (await this.calls()).map(({ action }) => action);
  }

  async forgetCalls(): Promise<void> {
    await this.#send('DELETE', 'calls');
  }

  async fault(fault: Fault): Promise<void> {
    await this.#send('POST', 'faults', fault);
  }

  /** Makes the security token of STS expired, or valid again. */
  async expireToken(expired?: boolean): Promise<void> {
    await this.#send('POST', 'expire-token', expired === undefined ? undefined : { expired });
  }

  async clearFaults(): Promise<void> {
    await this.#send('DELETE', 'faults');
  }

  async behave(settings: Record<string, number | null>): Promise<void> {
    await this.#send('POST', 'settings', settings);
  }

  /** Changes a group from outside the gateway. */
  async changeGroup(change: Record<string, unknown>): Promise<SandboxGroup> {
    return ((await this.#send('POST', 'groups', change)) as { group: SandboxGroup }).group;
  }

  /** Creates many similar groups at once; returns their IDs. */
  async createGroups(count: number, change: Record<string, unknown>): Promise<string[]> {
    const created = await this.#send('POST', 'groups', { op: 'create', count, ...change });
    return (created as { groupIds: string[] }).groupIds;
  }

  async changeMember(change: Record<string, unknown>): Promise<void> {
    await this.#send('POST', 'members', change);
  }

  async groups(scope: {
    readonly custSpaceId: string;
    readonly businessNumber: string;
  }): Promise<SandboxGroup[]> {
    const query = new URLSearchParams({ ...scope });
    return ((await this.#send('GET', `groups?${query.toString()}`)) as { groups: SandboxGroup[] }).groups;
  }

  async #send(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/__sandbox__/${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`The sandbox refused ${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }
}
