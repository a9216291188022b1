import type { OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { GatewayError } from '../errors/gateway-error.js';
import type { Config } from '../config/config.js';
import { GroupCommit } from './group-commit.js';
import { LineFile } from './line-file.js';
import type { Metrics } from './metrics.js';
import { MINUTE_MS } from '../util/durations.js';
import { redactFields } from '../util/redaction.js';

export interface AuditLogOptions {
  /** File for the lines, in addition to standard output. */
  readonly file: string | null;
  /** Whether to reject a write whose attempt cannot be written to the file. */
  readonly required: boolean;
  /** Whether to write nothing to standard output. */
  readonly silent: boolean;
}

/** Returns the options of the audit log. Only `LOG_LEVEL=silent` silences it, for tests, and never in production. */
export function auditOptions({
  audit,
  production,
  logLevel,
}: Pick<Config, 'audit' | 'production' | 'logLevel'>): AuditLogOptions {
  return { ...audit, silent: logLevel === 'silent' && !production };
}

/** Fields of a line, without time and level. */
export type AuditEntry = Readonly<Record<string, unknown>>;

type AuditEvent = 'attempt' | 'outcome' | 'found';

/** Longer than a healthy disk takes, shorter than a client waits for a response. */
const FILE_WAIT_MS = 2_000;
/** About 6 MB while a disk hangs. */
const MAX_WAITING_LINES = 10_000;
const COMPLAINT_INTERVAL_MS = MINUTE_MS;

/** Writes audit lines to standard output, regardless of `LOG_LEVEL`, and to `AUDIT_FILE`. */
export class AuditLog implements OnApplicationShutdown {
  readonly #output: Logger;
  readonly #file: LineFile | undefined;
  readonly #kept: GroupCommit | undefined;
  #missed = 0;
  #quietUntilMs = 0;

  constructor(
    private readonly logger: Logger,
    private readonly metrics: Pick<Metrics, 'auditFailures'>,
    private readonly options: AuditLogOptions,
  ) {
    this.#output = logger.child({ log: 'audit' }, { level: options.silent ? 'silent' : 'info' });
    if (options.file === null) return;
    const file = new LineFile(options.file);
    this.#file = file;
    this.#kept = new GroupCommit((lines) => file.append(lines), {
      waitMs: FILE_WAIT_MS,
      maxLines: MAX_WAITING_LINES,
    });
  }

  /** Call it before a write is sent. Throws `STATE_UNAVAILABLE` if the line is required in the file but not written. */
  async attempt(entry: AuditEntry): Promise<void> {
    if ((await this.#write('attempt', entry)) || !this.options.required) return;
    throw new GatewayError(
      'STATE_UNAVAILABLE',
      'The write could not be recorded in the audit log and was not sent.',
      {
        retryAfterSeconds: 1,
      },
    );
  }

  /** Call it after a write has ended, whether or not it succeeded. */
  async outcome(entry: AuditEntry): Promise<void> {
    await this.#write('outcome', entry);
  }

  /** Call it when the group of a create request is found after the outcome was written. */
  async found(entry: AuditEntry): Promise<void> {
    await this.#write('found', entry);
  }

  /** All requests have ended by now; a later line would reopen the file. */
  async onApplicationShutdown(): Promise<void> {
    await this.#kept?.idle();
    await this.#file?.close();
  }

  /** Returns whether the line was written everywhere it must be. */
  async #write(event: AuditEvent, fields: AuditEntry): Promise<boolean> {
    const entry = redactFields(fields);
    this.#output.info({ event, ...entry });
    if (!this.#kept) return true;
    const line = { level: 'info', time: new Date().toISOString(), log: 'audit', event, ...entry };
    try {
      await this.#kept.add(`${JSON.stringify(line)}\n`);
      return true;
    } catch (error) {
      this.metrics.auditFailures.inc({ event });
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
    this.logger.error({
      msg: 'could not write to the audit file: check its disk space and its permissions',
      reason,
      lines: this.#missed,
    });
    this.#missed = 0;
  }
}
