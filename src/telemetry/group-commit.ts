import { withTimeout } from '../util/with-timeout.js';
export interface GroupCommitOptions {
  /** How long a caller waits for its line, in ms. */
  readonly waitMs: number;
  /** How many lines may wait while a commit hangs. */
  readonly maxLines: number;
}

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Commits lines in the order of their arrival, one commit at a time: those that arrive during one share the next. */
export class GroupCommit {
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #startedAtMs = 0;

  constructor(
    private readonly commit: (lines: string) => Promise<void>,
    private readonly options: GroupCommitOptions,
  ) {}

  /**
   * Resolves when the line is committed. Rejects when its commit failed, when too many lines wait, and when it took
   * longer than `waitMs`: the line may then be committed later. Behind a commit that hangs nobody waits again.
   */
  async add(line: string): Promise<void> {
    const { waitMs, maxLines } = this.options;
    if (this.#waiting.length >= maxLines) throw new Error(`${maxLines} lines wait already`);
    const hangs = this.#running !== undefined && performance.now() - this.#startedAtMs > waitMs;
    const committed = new Promise<void>((resolve, reject) => this.#waiting.push({ line, resolve, reject }));
    this.#running ??= this.#commitAll();
    const limitMs = hangs ? 0 : waitMs;
    return withTimeout(committed, limitMs, () => new Error(`not done within ${limitMs} ms`));
  }

  /** Resolves when no line waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      this.#startedAtMs = performance.now();
      try {
        await this.commit(batch.map(({ line }) => line).join(''));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = undefined;
  }
}
