import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { asGatewayError } from '../common/errors.js';
import { RequestContext } from '../common/request-context.js';
import { Config } from '../config.js';
import { TenantDirectory } from '../tenancy/tenant-directory.js';
import { CreateResolver } from './create-resolver.js';
import type { CreateOperation } from './operations.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;
const RETRY_GROWTH = 1.5;

/** Creates whose group was not found within their request: looked for until the operation's window has passed. */
@Injectable()
export class PendingCreates implements OnModuleDestroy {
  readonly #logger = new Logger(PendingCreates.name);
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly resolver: CreateResolver,
    private readonly directory: TenantDirectory,
    private readonly config: Config,
  ) {}

  onModuleDestroy(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Goes on looking until the window has passed; calls `settled` once, at the end of either kind. */
  resolveInBackground(operation: CreateOperation, settled: () => void): void {
    const endMs = operation.sentAtMs + this.config.creates.operationWindowMs;
    const look = async (delayMs: number): Promise<void> => {
      await this.#lookAgain(operation);
      if (operation.state === 'PENDING' && performance.now() < endMs) {
        schedule(Math.min(delayMs * RETRY_GROWTH, LONGEST_RETRY_MS));
        return;
      }
      if (operation.state === 'PENDING') giveUp(operation);
      settled();
    };
    const schedule = (delayMs: number): void => {
      const timer = setTimeout(
        () => {
          this.#timers.delete(timer);
          void look(delayMs);
        },
        Math.max(0, Math.min(delayMs, endMs - performance.now())),
      );
      timer.unref();
      this.#timers.add(timer);
    };
    schedule(FIRST_RETRY_MS);
  }

  async #lookAgain(operation: CreateOperation): Promise<void> {
    try {
      // The tenant may have lost the number meanwhile: its scope is made anew, by the directory of this moment.
      const scope = this.directory.scope(operation.tenantId, operation);
      await this.resolver.tryResolve(
        scope,
        operation,
        new RequestContext(operation.id, this.config.http.requestBudgetMs),
      );
    } catch (error) {
      operation.detail = 'The number is no longer in reach.';
      this.#logger.warn({
        msg: 'a create can no longer be resolved',
        operation: operation.id,
        code: asGatewayError(error).code,
      });
    }
  }
}

function giveUp(operation: CreateOperation): void {
  operation.state = 'UNRESOLVED';
  operation.detail ??= operation.addConfirmed
    ? 'CAMS confirmed the create, but no new group with this subject was listed in time.'
    : 'No new group with this subject was listed: the create was probably not executed.';
}
