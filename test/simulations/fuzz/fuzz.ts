import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../coherence/random.js';
import type { RunTenant } from '../tenants.js';
import { canaryText, type Canaries } from './checks/canaries.js';
import type { Findings } from './checks/findings.js';
import type { LogLines } from './checks/log-lines.js';
import { difference, held, listed, neverTrue } from './checks/truth.js';
import { Client, type Shared } from './client.js';
import type { Options } from './options.js';
import { type Phase, PHASES, PHASE_MS, SPOILT_SHARE } from './phases.js';
import { Credentials } from './requests/credentials.js';
import { Generator } from './requests/generator.js';
import { KnownValues } from './requests/known-values.js';
import { ALL_TENANTS, GROUPS, MEMBERS, MOST_GROUPS, TENANTS, TIMES, WITNESS } from './settings.js';
import type { Stage } from './stage.js';
import { Tally } from './tally.js';

/** Requests that clients have left may run until the end of their budget. */
const LINES_MS = 2 * TIMES.budgetMs;
const WITNESS_EVERY_MS = 40;

/** What the run found. */
export interface Found {
  readonly tally: Tally;
  readonly seconds: number;
}

export interface Watched {
  readonly findings: Findings;
  readonly logs: LogLines;
  readonly canaries: Canaries;
}

/** Sends generated requests in phases; after each of them, checks logs and lists. */
export class Fuzz {
  readonly tally = new Tally();
  readonly #known = new KnownValues(TENANTS);
  readonly #random: Random;
  #phase: Phase = PHASES[0];
  #requests = 0;

  constructor(
    private readonly options: Options,
    private readonly stage: Stage,
    private readonly watched: Watched,
  ) {
    this.#random = new Random(options.seed);
  }

  get phase(): string {
    return this.#phase.name;
  }

  /** Runs until the time is over, or a process exits. Returns the seconds. */
  async run(stop: AbortSignal): Promise<number> {
    const { stage, options } = this;
    await stage.sandbox.behave({ groupsPerNumber: MOST_GROUPS });
    const credentials = await Credentials.make(TENANTS, stage.signingKey);
    const shared: Shared = {
      ...this.watched,
      generator: new Generator(options.seed, this.#known, credentials),
      knownValues: this.#known,
      tally: this.tally,
      next: () => this.#requests++,
      phase: () => this.phase,
    };
    const clients = Array.from(
      { length: options.clients },
      (_, index) => new Client(stage.gateways[index % 2 === 0 ? 0 : 1], shared),
    );
    const startedAtMs = performance.now();
    const endsAtMs = startedAtMs + options.durationMs;
    const phaseMs = Math.min(PHASE_MS, options.durationMs / PHASES.length);
    for (let round = 0; performance.now() < endsAtMs && stage.crashes().length === 0; round += 1) {
      stop.throwIfAborted();
      this.#phase = PHASES[round % PHASES.length] ?? PHASES[0];
      await this.#runPhase(clients, phaseMs, stop);
    }
    for (const crash of stage.crashes())
      this.#add({
        property: 'the process stays alive',
        kind: crash.slice(0, 60),
        detail: crash.slice(-2_000),
      });
    for (const client of clients) client.close();
    return (performance.now() - startedAtMs) / 1_000;
  }

  async #runPhase(clients: readonly Client[], phaseMs: number, stop: AbortSignal): Promise<void> {
    const { stage, tally } = this;
    for (const tenant of ALL_TENANTS) await this.#refill(tenant);
    const { spoil } = this.#phase;
    const random = new Random(this.#random.between(0, 2 ** 31));
    if (spoil)
      stage.upstream.spoilWith(() =>
        random.next() < SPOILT_SHARE ? spoil(random, (name) => tally.spoil(name)) : undefined,
      );
    const endsAtMs = performance.now() + phaseMs;
    const over = (): boolean => performance.now() > endsAtMs || stop.aborted || stage.crashes().length > 0;
    await Promise.all([...clients.map((client) => client.runUntil(over)), this.#watchWitness(over)]);
    stage.upstream.behave();
    if (stage.crashes().length > 0) return;
    await this.#checkLogs();
    await this.#checkLists();
  }

  /** Creates groups where some were deleted. */
  async #refill(tenant: RunTenant): Promise<void> {
    const { sandbox } = this.stage;
    const { custSpaceId } = tenant;
    for (const businessNumber of tenant.businessNumbers) {
      const scope = { custSpaceId, businessNumber };
      const missing = GROUPS - (await sandbox.groups(scope)).length;
      for (let index = 0; index < missing; index += 1)
        await sandbox.changeGroup({
          op: 'create',
          ...scope,
          subject: canaryText(tenant, `group ${index}`),
          description: canaryText(tenant, 'description'),
          participants: MEMBERS,
          inviteLink: index % 2 === 0,
        });
      const ids = (await sandbox.groups(scope)).map(({ groupId }) => groupId);
      if (tenant !== WITNESS) this.#known.setGroups(tenant, businessNumber, ids);
    }
  }

  /** Reads lists that nothing changes: what is shown must be what CAMS holds. */
  async #watchWitness(over: () => boolean): Promise<void> {
    if (!this.#phase.staysTrue) return;
    const { stage, tally } = this;
    const truths = new Map<string, string>();
    for (const number of WITNESS.businessNumbers)
      truths.set(number, await held(stage.sandbox, WITNESS, number));
    for (let read = 0; !over(); read += 1) {
      const gateway = stage.gateways[read % 2 === 0 ? 0 : 1];
      const number = this.#random.pick(WITNESS.businessNumbers);
      const shown = await listed(gateway, WITNESS, number);
      tally.witnessReads += 1;
      const truth = truths.get(number) ?? '';
      if (shown !== undefined && shown !== truth)
        this.#add(
          { property: 'nothing invalid is shown', kind: this.phase, detail: difference(truth, shown) },
          gateway.name,
        );
      await sleep(WITNESS_EVERY_MS);
    }
  }

  async #checkLogs(): Promise<void> {
    const { logs, findings } = this.watched;
    for (
      const end = performance.now() + LINES_MS;
      !logs.complete && performance.now() < end;
      await sleep(50)
    );
    // Lines that should not exist would come later.
    await sleep(200);
    for (const { request, gateway, ...breach } of logs.settle())
      findings.add(breach, { phase: this.phase, gateway, request });
  }

  /** Once the writes have settled and wrong pages have expired, both gateways must list what CAMS holds. */
  async #checkLists(): Promise<void> {
    const { stage, tally } = this;
    if (!this.#phase.staysTrue) await sleep(TIMES.freshMs + TIMES.staleMs);
    const scopes = ALL_TENANTS.flatMap((tenant) =>
      tenant.businessNumbers.map((number) => ({ tenant, number })),
    );
    await Promise.all(
      stage.gateways.map(async (gateway) => {
        for (const { tenant, number } of scopes) {
          const detail = await neverTrue(stage.sandbox, gateway, tenant, number);
          tally.lists += 1;
          if (detail !== undefined)
            this.#add({ property: 'lists are true after a phase', kind: this.phase, detail }, gateway.name);
        }
      }),
    );
  }

  #add(breach: { property: string; kind: string; detail: string }, gateway = 'any'): void {
    this.watched.findings.add(breach, { phase: this.phase, gateway, request: undefined });
  }
}
