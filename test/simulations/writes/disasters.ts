import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../coherence/random.js';
import type { Ledger } from './ledger.js';
import type { Write } from './plan.js';
import { TIMES } from './settings.js';
import type { Replica, Stage } from './stage.js';
import { isFinal, saysUnknown, type ClientOutcome } from './client-outcome.js';
import type { Caught, KillPoint, FaultPoints } from './fault-points.js';

/** Longer than the record of a create operation stays locked by a dead owner. */
const LONGEST_FREEZE_MS = 12_000;
const LOOK_MS = 20;
/** A build with a disabled step may never reach the point. */
const LONGEST_TRAP_MS = 2_000;

/** Where gateways are killed, in turn. The longest phases are hit by kills at other points anyway. */
const KILLS: readonly KillPoint[] = [
  'before done',
  'sent',
  'done',
  'applied',
  'before done',
  'sent, called',
  'started',
  'before done',
  'sent, executed',
];

/** One of this many frozen gateways thaws early, while another gateway may be reconciling. */
const EARLY_EACH = 3;

/** Injects faults: at any time, one gateway may be killed and another one frozen, while the third keeps running. */
export class Disasters {
  readonly counts = { frozen: 0, thawedEarly: 0, stateRestarts: 0 };
  readonly #waiting = new Map<Write, (outcome: ClientOutcome) => void>();

  constructor(
    private readonly stage: Stage,
    private readonly faultPoints: FaultPoints,
    private readonly ledger: Ledger,
    private readonly random: Random,
  ) {}

  /** Called when a client got an outcome from a gateway. */
  answered(write: Write, replica: Replica, outcome: ClientOutcome): void {
    if (!replica.hurt) this.#waiting.get(write)?.(outcome);
  }

  /** Injects faults until the signal, then repairs everything. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#kills(signal), this.#freezes(signal), this.#stateRestarts(signal)]);
  }

  async #kills(signal: AbortSignal): Promise<void> {
    for (let turn = 0; !signal.aborted; turn++) {
      const point = KILLS[turn % KILLS.length] ?? 'sent';
      const caught = await this.#trap(signal, (resolve) => {
        // Gateways that are already killed or frozen are spared.
        const spare = new Set(this.stage.replicas.filter(({ hurt }) => hurt));
        this.faultPoints.kill({ point, spare, caught: resolve });
      });
      this.faultPoints.kill(undefined);
      if (!caught) continue;
      this.ledger.note(`${caught.replica.name} is killed at ${point} of ${caught.write.mark}`);
      await caught.replica.revive();
      this.ledger.note(`${caught.replica.name} is back`);
      await sleep(this.random.between(100, 900));
    }
  }

  async #freezes(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const creates = this.random.next() < 0.3;
      // Both kinds take turns, so that a short run has both. A turn that hits no gateway is repeated.
      const early = (this.counts.frozen + this.counts.thawedEarly) % EARLY_EACH === 1;
      const earlyMs = this.random.between(200, TIMES.budgetMs + 2_000);
      const { promise: release, resolve: letGo } = Promise.withResolvers<void>();
      const caught = await this.#trap(signal, (resolve) => {
        const spare = new Set(this.stage.replicas.filter(({ hurt }) => hurt));
        this.faultPoints.freeze({
          spare,
          suits: ({ kind }) => creates === (kind === 'create'),
          caught: (found) => {
            resolve(found);
            return release;
          },
        });
      });
      this.faultPoints.freeze(undefined);
      if (!caught) continue;
      const { replica, write } = caught;
      this.ledger.note(`${replica.name} is frozen before the call of ${write.mark}`);
      await (early ? sleep(earlyMs) : this.#reconciled(write));
      await sleep(this.random.between(0, 200));
      this.ledger.note(`${replica.name} thaws`);
      replica.thaw();
      letGo();
      if (early) this.counts.thawedEarly++;
      else this.counts.frozen++;
      await sleep(this.random.between(100, 600));
    }
  }

  async #stateRestarts(signal: AbortSignal): Promise<void> {
    for (;;) {
      await waitUntil(signal, this.random.between(3_000, 7_000));
      if (signal.aborted) return;
      this.ledger.note('the state store is killed');
      await this.stage.state.kill();
      await sleep(this.random.between(50, 500));
      await this.stage.state.restart('same');
      this.counts.stateRestarts++;
      this.ledger.note('the state store is back');
    }
  }

  /** Keeps setting the trap, because the gateways to spare change. */
  async #trap(
    signal: AbortSignal,
    set: (resolve: (caught: Caught) => void) => void,
  ): Promise<Caught | undefined> {
    const caught: Caught[] = [];
    const endMs = performance.now() + LONGEST_TRAP_MS;
    while (!signal.aborted && caught.length === 0 && performance.now() < endMs) {
      set((found) => caught.push(found));
      await sleep(LOOK_MS);
    }
    return caught[0];
  }

  /** Waits until another gateway has reported the outcome, or that it is unknown. */
  async #reconciled(write: Write): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(write, (outcome) => {
      if (isFinal(outcome) || saysUnknown(outcome)) resolve();
    });
    await Promise.race([promise, sleep(LONGEST_FREEZE_MS)]);
    this.#waiting.delete(write);
  }
}

async function waitUntil(signal: AbortSignal, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
