import { GATEWAY_LINE, Program } from '../../support/program.js';

const ERROR = /"level":(50|60)\b|"level":"(error|fatal)"/;

/** A gateway that can be killed, restarted and frozen. */
export class GatewayProcess {
  #program: Program | undefined;
  #url = '';
  #killed = false;

  constructor(
    private readonly file: string,
    private readonly settings: Readonly<Record<string, string>>,
    /** Receives every error that it logs. */
    private readonly onError: (line: string) => void,
  ) {}

  /** The URL of the current process. */
  get url(): string {
    return this.#url;
  }

  /** Its output, if it exited without being killed. */
  get crash(): string | undefined {
    return this.#killed ? undefined : this.#program?.ended;
  }

  async start(): Promise<void> {
    const program = new Program(this.file, this.settings, { keptChars: 10_000 });
    program.onLine((line) => {
      if (ERROR.test(line)) this.onError(line);
    });
    this.#program = program;
    this.#killed = false;
    this.#url = await program.said(GATEWAY_LINE);
  }

  /** Kills the process at once. */
  kill(): void {
    this.#killed = true;
    this.#program?.signal('SIGKILL');
  }

  freeze(): void {
    this.#program?.signal('SIGSTOP');
  }

  thaw(): void {
    this.#program?.signal('SIGCONT');
  }
}
