import { GATEWAY_LINE, Program } from '../../support/program.js';

const ERROR = /"level":(50|60)\b|"level":"(error|fatal)"/;

/** A gateway that can be killed, started again, and frozen. */
export class GatewayProcess {
  #program: Program | undefined;
  #url = '';
  #killed = false;

  constructor(
    private readonly file: string,
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

  /** Ends it before it does anything more. */
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
