import { withTimeout } from '../util/with-timeout.js';
export interface GroupCommitOptions {
  /** How long a caller waits for its line, ms. */
  readonly waitMs: number;
  /** Maximum number of lines that wait while a commit hangs. */
  readonly maxLines: number;
}

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Commits lines in order of arrival, with one commit in progress. Lines that arrive during a commit share the next. */
export class GroupCommit {
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #startedAtMs = 0;

  constructor(
    private readonly commit: (lines: string) => Promise<void>,
    private readonly options: GroupCommitOptions,
  ) {}

  /**
   * Resolves when the line is committed. Rejects if its commit fails, if too many lines are waiting, or after `waitMs`,
   * in which case the line may still be committed later. Behind a hanging commit it rejects immediately.
   */
  async add(line: string): Promise<void> {
    const { waitMs, maxLines } = this.options;
    if (this.#waiting.length >= maxLines) throw new Error(`${maxLines} lines are already waiting`);
    const hangs = this.#running !== undefined && performance.now() - this.#startedAtMs > waitMs;
    const committed = new Promise<void>((resolve, reject) => this.#waiting.push({ line, resolve, reject }));
    this.#running ??= this.#commitAll();
    const limitMs = hangs ? 0 : waitMs;
    return withTimeout(committed, limitMs, () => new Error(`not committed within ${limitMs} ms`));
  }

  /** Resolves when no lines are waiting. */
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
