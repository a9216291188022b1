import { statSync } from 'node:fs';

/**
 * Detects changed files by polling. Only polling works for in-place writes, an editor's rename, the symlink swap of a
 * mounted Kubernetes volume and network file systems alike. It does not keep the process alive.
 */
export class WatchedFiles {
  /** File → its state when it was last read. */
  readonly #read = new Map<string, string>();
  #latest = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly intervalMs: number,
    private readonly onChange: () => void,
  ) {}

  /** Forgets the files. Call it before reading them again. */
  forget(): void {
    this.#read.clear();
    this.#latest = '';
  }

  /** Call it just before reading a file, so that a change during the read is detected as well. */
  aboutToRead(file: string): void {
    this.#read.set(file, fingerprint(file));
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#poll(), this.intervalMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #poll(): void {
    const states = [...this.#read.keys()].map(fingerprint);
    const latest = states.join('\n');
    // Report a change only once it is stable for one interval, to avoid reading a half-written file.
    const settled = latest === this.#latest;
    this.#latest = latest;
    if (settled && latest !== [...this.#read.values()].join('\n')) this.onChange();
  }
}

function fingerprint(file: string): string {
  try {
    const stat = statSync(file, { bigint: true });
    return `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
  } catch {
    // A temporarily missing file is a state like any other.
    return 'absent';
  }
}
