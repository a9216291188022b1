import { setTimeout as sleep } from 'node:timers/promises';
import { KeepAliveClient, NoAnswer, type ReceivedAnswer } from '../../support/keep-alive-client.js';
import type { Random } from '../coherence/random.js';
import type { Groups } from './groups.js';
import type { Judgement } from './judgement.js';
import type { Requests, SoakRequest } from './requests.js';
import { REQUEST_BUDGET_MS, TENANT } from './settings.js';
import type { Stage } from './stage.js';

/** A response that takes longer than the budget and this is a hang. */
const ALLOWANCE_MS = 2_000;
const LONGEST_STAY_MS = 30;
const UNKNOWN_KEY = TENANT.apiKey.replace(/.{8}$/, 'wrongkey');
const WAITS_MS = REQUEST_BUDGET_MS + ALLOWANCE_MS;

/** Sends requests at an even pace, whether responses arrive or not. */
export class SoakLoad {
  readonly #client = new KeepAliveClient(TENANT.apiKey, WAITS_MS);
  readonly #stranger = new KeepAliveClient(UNKNOWN_KEY, WAITS_MS);
  readonly #underWay = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];
  sent = 0;
  /** Writes that the gateway may have recorded. */
  writes = 0;
  left = 0;
  longestMs = 0;

  constructor(
    private readonly stage: Stage,
    private readonly requests: Requests,
    private readonly groups: Groups,
    private readonly judgement: Judgement,
    private readonly random: Random,
  ) {}

  /** Sends until the signal, then waits for all responses. */
  async run(perSecond: number, signal: AbortSignal): Promise<void> {
    const first = this.requests.first();
    const startedMs = performance.now();
    while (!signal.aborted) {
      const due = ((performance.now() - startedMs) / 1_000) * perSecond;
      for (; this.sent < due; this.sent += 1) {
        const request = this.#exchange(first.shift() ?? this.requests.next())
          .catch((error: unknown) => void this.#failures.push(error))
          .finally(() => this.#underWay.delete(request));
        this.#underWay.add(request);
      }
      for (const failure of this.#failures) throw failure;
      await sleep(5);
    }
    await Promise.all(this.#underWay);
  }

  close(): void {
    this.#client.close();
    this.#stranger.close();
  }

  async #exchange(request: SoakRequest): Promise<void> {
    if (request.leaves) return this.#leave(request);
    const client = request.isAuthenticated ? this.#client : this.#stranger;
    const fromMs = performance.now();
    const { idempotencyKey: key } = request;
    const headers = key === undefined ? undefined : { 'idempotency-key': key };
    if (request.isWrite) this.writes += 1;
    let outcome: string;
    let detail: string;
    let answer: ReceivedAnswer | undefined;
    try {
      answer = await client.call(`${this.#url()}${request.path}`, request.method, request.body, headers);
      outcome = outcomeOf(answer);
      detail = JSON.stringify(answer.body) ?? '';
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      outcome = 'no response';
      detail = error.message;
    }
    this.longestMs = Math.max(this.longestMs, performance.now() - fromMs);
    this.judgement.response(request, outcome, fromMs, detail);
    this.#settle(request, outcome, answer);
  }

  #url(): string {
    return this.random.pick(this.stage.replicas).url;
  }

  #settle({ group, effect, wants }: SoakRequest, outcome: string, answer: ReceivedAnswer | undefined): void {
    const worked = wants.includes(outcome);
    if (group !== undefined)
      this.groups.release(group, worked ? (effect === 'deletes' ? 'deleted' : 'kept') : 'uncertain');
    const id = effect === 'creates' && worked ? createdId(answer?.body) : undefined;
    if (id !== undefined) this.groups.add(id);
  }

  async #leave({ method, path, body }: SoakRequest): Promise<void> {
    this.left += 1;
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { authorization: `Bearer ${TENANT.apiKey}`, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(this.random.between(1, LONGEST_STAY_MS));
    const response = await fetch(`${this.#url()}${path}`, { method, headers, signal, ...sent }).catch(
      () => undefined,
    );
    // Some leave with a part of the response.
    await response?.body?.cancel().catch(() => undefined);
  }
}

/** The error code, or else the status. */
function outcomeOf({ status, body }: ReceivedAnswer): string {
  const told = body as { code?: string; errors?: { extensions?: { code?: string } }[] } | undefined;
  const ofProblem = status >= 400 ? told?.code : undefined;
  return ofProblem ?? told?.errors?.[0]?.extensions?.code ?? String(status);
}

interface Created {
  readonly groupId?: string;
  readonly chatGroup?: { readonly groupId?: string } | null;
  readonly data?: {
    readonly createChatGroup?: { readonly chatGroup?: { readonly groupId?: string } | null };
  };
}

function createdId(body: unknown): string | undefined {
  const created = body as Created | undefined;
  return (
    created?.groupId ??
    created?.chatGroup?.groupId ??
    created?.data?.createChatGroup?.chatGroup?.groupId ??
    undefined
  );
}
