import { FaultLog } from '../coherence/fault-log.js';
import { FAULTS, type Fault } from './faults.js';
import type { SoakRequest } from './requests.js';

const ERROR_LINE = /"level":"(?:error|fatal)"/;
const EXAMPLES = 10;

/** Judges responses and log lines by the faults that were under way. */
export class Judgement {
  readonly faults = new FaultLog(
    FAULTS.map(({ name }) => name),
    () => undefined,
  );
  /** By kind of request, then by outcome. */
  readonly outcomes: Record<string, Record<string, number>> = {};
  readonly explained: Record<string, number> = {};
  readonly unexplained: Record<string, number> = {};
  readonly examples: string[] = [];
  errorLines = 0;
  readonly #startedMs = performance.now();
  #latest = 'before the first fault';

  /** Records the start of a fault; call the returned function when its consequences are over. */
  started(fault: Fault): () => void {
    this.#latest = `${fault.name}, at ${sinceMs(this.#startedMs)} ms`;
    return this.faults.start(fault.name, '');
  }

  response(
    { kind, wants, method, path }: SoakRequest,
    outcome: string,
    fromMs: number,
    detail: string,
  ): void {
    const counts = (this.outcomes[kind] ??= {});
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    if (wants.includes(outcome)) return;
    if (this.#explains(fromMs, ({ explains }) => explains.includes(outcome))) {
      this.explained[outcome] = (this.explained[outcome] ?? 0) + 1;
      return;
    }
    const when = `${sinceMs(this.#startedMs)} ms after the start (${this.#latest})`;
    this.#note(
      `${kind}: ${outcome}`,
      `${method} ${path} got ${outcome} after ${sinceMs(fromMs)} ms, ${when}: ${detail}`,
    );
  }

  line(replica: string, line: string): void {
    if (!ERROR_LINE.test(line)) return;
    this.errorLines += 1;
    if (!this.#explains(performance.now(), ({ explainsLines }) => explainsLines?.test(line) === true))
      this.#note('error line', `${replica} logs ${line}`);
  }

  #explains(fromMs: number, by: (fault: Fault) => boolean): boolean {
    const nowMs = performance.now();
    return FAULTS.some((fault) => by(fault) && this.faults.wasUnderWay(fault.name, fromMs, nowMs));
  }

  #note(what: string, example: string): void {
    this.unexplained[what] = (this.unexplained[what] ?? 0) + 1;
    if (this.examples.length < EXAMPLES) this.examples.push(example.slice(0, 1_000));
  }
}

function sinceMs(fromMs: number): string {
  return (performance.now() - fromMs).toFixed(0);
}
