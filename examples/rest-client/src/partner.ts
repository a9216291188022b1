import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from '../generated/gateway.ts';
import { patientFetch } from './patient-fetch.ts';

export type ChatGroup = components['schemas']['ChatGroup'];
type Operation = components['schemas']['ChatGroupOperation'];
type Problem = components['schemas']['ProblemAnswer'];

const GROUPS = '/v1/spaces/{custSpaceId}/numbers/{businessNumber}/groups';
const DEFAULT_PAUSE_SECONDS = 1;

/** An error of the gateway. `problem.code` is for programs, `problem.detail` for people. */
export class GatewayProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail} (request ${problem.requestId})`);
    this.problem = problem;
  }
}

export interface Settings {
  readonly url: string;
  readonly apiKey: string;
  readonly custSpaceId: string;
  readonly businessNumber: string;
}

/** The groups of one business number. All methods throw `GatewayProblem`. */
export class Partner {
  readonly #client: Client<paths>;
  readonly #path: { readonly custSpaceId: string; readonly businessNumber: string };

  constructor({ url, apiKey, custSpaceId, businessNumber }: Settings) {
    const headers = { Authorization: `Bearer ${apiKey}` };
    this.#client = createClient<paths>({ baseUrl: url, headers, fetch: patientFetch });
    this.#path = { custSpaceId, businessNumber };
  }

  /** Yields every group. Pages by cursor, so none is missed although others are created or deleted meanwhile. */
  async *groups(size = 50): AsyncGenerator<ChatGroup> {
    // A group can appear on two pages if the list changes in between.
    const seen = new Set<string>();
    let after: string | undefined;
    do {
      const query = { size, ...(after !== undefined && { after }) };
      const { data, error } = await this.#client.GET(GROUPS, { params: { path: this.#path, query } });
      if (!data) throw problemOf(error);
      for (const group of data.data) {
        if (!seen.has(group.id)) yield group;
        seen.add(group.id);
      }
      after = data.data.length < size ? undefined : (data.page.endCursor ?? undefined);
    } while (after !== undefined);
  }

  /**
   * Creates a group. With the same `key`, a retry within 24 hours never creates a second one, so store the key before you
   * call this. `wait: false` asks the gateway not to wait for CAMS, which makes a pending operation likely.
   */
  async create(subject: string, key: string, { wait = true } = {}): Promise<ChatGroup> {
    const { data, error, response } = await this.#client.POST(GROUPS, {
      params: {
        path: this.#path,
        header: { 'Idempotency-Key': key, ...(!wait && { Prefer: 'respond-async' }) },
      },
      body: { subject },
    });
    if (!data) throw problemOf(error);
    return 'groupId' in data ? data : this.#created(data, pauseOf(response));
  }

  /** Polls a pending operation until its group is known. */
  async #created(operation: Operation, pauseSeconds: number): Promise<ChatGroup> {
    let current = operation;
    while (current.status === 'PENDING') {
      await new Promise((resolve) => setTimeout(resolve, pauseSeconds * 1_000));
      const { data, error } = await this.#client.GET('/v1/operations/{id}', {
        params: { path: { id: operation.id } },
      });
      if (!data) throw problemOf(error);
      current = data;
    }
    if (current.chatGroup) return current.chatGroup;
    throw new Error(`The group was not created: ${current.detail ?? 'it has been deleted since.'}`);
  }

  /** Returns the phone numbers of the members. Members with a user ID only are left out. */
  async phoneNumbers(groupId: string): Promise<string[]> {
    const { data, error } = await this.#client.GET(`${GROUPS}/{groupId}/participants`, {
      params: { path: { ...this.#path, groupId } },
    });
    if (!data) throw problemOf(error);
    return data.data.flatMap(({ phoneNumber }) => phoneNumber ?? []);
  }

  /** Removes a member, and returns whether it was one. */
  async removeMember(groupId: string, phoneNumber: string): Promise<boolean> {
    const { data, error } = await this.#client.POST(`${GROUPS}/{groupId}/participants/remove`, {
      params: { path: { ...this.#path, groupId } },
      body: { phoneNumbers: [phoneNumber] },
    });
    if (!data) throw problemOf(error);
    return data.removedCount === 1;
  }

  async delete(groupId: string): Promise<void> {
    const { error } = await this.#client.DELETE(`${GROUPS}/{groupId}`, {
      params: { path: { ...this.#path, groupId } },
    });
    if (error) throw problemOf(error);
  }
}

function problemOf(error: Problem | undefined): Error {
  return error ? new GatewayProblem(error) : new Error('The gateway returned no data.');
}

function pauseOf({ headers }: Response): number {
  return Number(headers.get('Retry-After') ?? DEFAULT_PAUSE_SECONDS);
}
