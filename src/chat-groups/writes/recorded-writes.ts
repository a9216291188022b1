import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../errors/gateway-error.js';
import type { RequestContext } from '../../request/request-context.js';
import { type Command, Idempotency } from '../../idempotency/idempotency.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { UpstreamWrites, type Written } from './upstream-writes.js';

/** Writes that a key makes safe to ask for again. */
@Injectable()
export class RecordedWrites {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly upstream: UpstreamWrites,
  ) {}

  /** Runs a command once for its key; an outcome that is told again promises to later reads what can be promised now. */
  async run<Facts, Result, Value extends Written>(
    scope: TenantScope,
    context: RequestContext,
    command: Command<Facts, Result, Value>,
  ): Promise<Value> {
    const value = await this.#run(scope, context, command);
    if (!context.idempotencyReplayed) return value;
    context.keepUpstreamRequestId(value.upstreamRequestId);
    return value.coherence === 'COHERENT'
      ? value
      : { ...value, coherence: await this.upstream.outdated(scope) };
  }

  /** An outcome that is told again has the upstream's id of the write, or none; never that of a look at it. */
  async #run<Facts, Result, Value>(
    scope: TenantScope,
    context: RequestContext,
    command: Command<Facts, Result, Value>,
  ): Promise<Value> {
    try {
      return await this.idempotency.run(scope, context, command);
    } catch (error) {
      if (context.idempotencyReplayed && error instanceof GatewayError)
        context.keepUpstreamRequestId(error.options.upstreamRequestId);
      throw error;
    }
  }
}
