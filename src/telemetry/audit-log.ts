import type { OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import { GatewayError } from '../errors/gateway-error.js';
import type { Config } from '../config/config.js';
import { GroupCommit } from './group-commit.js';
import { LineFile } from './line-file.js';
import { MINUTE_MS } from '../util/durations.js';

export interface AuditLogOptions {
  /** Where the lines are kept besides standard output. */
  readonly file: string | null;
  /** Whether a write is refused whose attempt the file does not keep. */
  readonly required: boolean;
  /** Nothing on standard output. */
  readonly silent: boolean;
}

/** The settings of the audit. Levels of the log do not silence it; `silent` does, for tests, and not in production. */
export function auditOptions({
  audit,
  production,
  logLevel,
}: Pick<Config, 'audit' | 'production' | 'logLevel'>): AuditLogOptions {
  return { ...audit, silent: logLevel === 'silent' && !production };
}

/** What a line says, without time and level. */
export type AuditEntry = Readonly<Record<string, unknown>>;

type AuditEvent = 'attempt' | 'outcome';

/** Longer than any healthy disk takes, shorter than anybody waits for an answer. */
const FILE_WAIT_MS = 2_000;
/** About 6 MB while a disk hangs. */
const MAX_WAITING_LINES = 10_000;
const COMPLAINT_INTERVAL_MS = MINUTE_MS;

/** Where the lines of the audit go: standard output, whatever `LOG_LEVEL` says, and `AUDIT_FILE`. */
export class AuditLog implements OnApplicationShutdown {
  readonly #output: Logger;
  readonly #file: LineFile | undefined;
  readonly #kept: GroupCommit | undefined;
  readonly #failures: Counter<'event'>;
  #missed = 0;
  #quietUntilMs = 0;

  constructor(
    private readonly logger: Logger,
    registry: Registry,
    private readonly options: AuditLogOptions,
  ) {
    this.#output = logger.child({ log: 'audit' }, { level: options.silent ? 'silent' : 'info' });
    this.#failures = new Counter({
      name: 'gateway_audit_failures_total',
      help: 'Audit lines that the audit file was not confirmed to hold, by event (attempt, outcome)',
      labelNames: ['event'],
      registers: [registry],
    });
    if (options.file === null) return;
    const file = new LineFile(options.file);
    this.#file = file;
    this.#kept = new GroupCommit((lines) => file.append(lines), {
      waitMs: FILE_WAIT_MS,
      maxLines: MAX_WAITING_LINES,
    });
  }

  /** Before a write is sent. Throws `STATE_UNAVAILABLE` if the file must keep the line and does not. */
  async attempt(entry: AuditEntry): Promise<void> {
    if ((await this.#write('attempt', entry)) || !this.options.required) return;
    throw new GatewayError('STATE_UNAVAILABLE', 'The write could not be audited. Nothing was sent.', {
      retryAfterSeconds: 1,
    });
  }

  /** After a write ended, whatever came of it. */
  async outcome(entry: AuditEntry): Promise<void> {
    await this.#write('outcome', entry);
  }

  /** Requests have ended by then; a line that comes later all the same opens the file again. */
  async onApplicationShutdown(): Promise<void> {
    await this.#kept?.idle();
    await this.#file?.close();
  }

  /** Whether the line is where it has to be. */
  async #write(event: AuditEvent, entry: AuditEntry): Promise<boolean> {
    this.#output.info({ event, ...entry });
    if (!this.#kept) return true;
    const line = { level: 'info', time: new Date().toISOString(), log: 'audit', event, ...entry };
    try {
      await this.#kept.add(`${JSON.stringify(line)}\n`);
      return true;
    } catch (error) {
      this.#failures.inc({ event });
      this.#complain(error);
      return false;
    }
  }

  #complain(error: unknown): void {
    this.#missed += 1;
    const nowMs = performance.now();
    if (nowMs < this.#quietUntilMs) return;
    this.#quietUntilMs = nowMs + COMPLAINT_INTERVAL_MS;
    const { message: reason } = error as Error;
    this.logger.error({ msg: 'the audit file does not keep its lines', reason, lines: this.#missed });
    this.#missed = 0;
  }
}
