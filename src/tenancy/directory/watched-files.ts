import { statSync } from 'node:fs';

/**
 * Notices that files changed: by polling, since that alone sees a write in place, an editor's rename, the symlink
 * swap of a mounted Kubernetes volume and a network file system alike. It does not keep the process alive.
 */
export class WatchedFiles {
  /** File → its state when the reader read it. */
  readonly #read = new Map<string, string>();
  #latest = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly intervalMs: number,
    private readonly onChange: () => void,
  ) {}

  /** Forgets the files; a reader says it before it reads anew. */
  forget(): void {
    this.#read.clear();
    this.#latest = '';
  }

  /** To be called just before a file is read, so that a change during the reading is noticed as well. */
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
    // Only what stayed the same for one interval is read: not a file that is half written.
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
    // A file that is away for a moment is a state like any other.
    return 'absent';
  }
}
