import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { eventually } from '../support/eventually.js';

const ERROR = /"level":(50|60)\b|"level":"(error|fatal)"/;

/** Whatever is left ends with this process; what is frozen too. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A gateway that can be killed, started again, and frozen. */
export class GatewayProcess {
  #child: ChildProcess | undefined;
  #output = '';
  #url = '';
  #killed = false;

  constructor(
    private readonly program: string,
    private readonly settings: Readonly<Record<string, string>>,
    /** Is told of every error that it logs. */
    private readonly onError: (line: string) => void,
  ) {}

  /** Of the process that runs now. */
  get url(): string {
    return this.#url;
  }

  /** What it said, if it ended though nobody killed it. */
  get crash(): string | undefined {
    const child = this.#child;
    if (!child || this.#killed || (child.exitCode === null && child.signalCode === null)) return undefined;
    return `a gateway ended with ${child.exitCode ?? child.signalCode}: ${this.#output}`;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.program], {
      env: { PATH: process.env['PATH'], ...this.settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = '';
    running.add(child);
    child.once('exit', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-10_000)));
      createInterface(stream).on('line', (line) => {
        if (ERROR.test(line)) this.onError(line);
      });
    }
    this.#killed = false;
    this.#url = await eventually(async () => {
      if (this.crash !== undefined) throw new Error(this.crash);
      return /^Gateway +(\S+)$/m.exec(this.#output)?.[1];
    });
  }

  /** Ends it before it does anything more. */
  kill(): void {
    this.#killed = true;
    this.#child?.kill('SIGKILL');
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }
}
