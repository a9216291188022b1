import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Gauge } from 'prom-client';
import { Config } from '../config/config.js';
import { GatewayError } from '../errors/gateway-error.js';
import type { RequestContext } from '../request/request-context.js';
import { Turns } from '../util/turns.js';
import { Metrics } from './metrics.js';

const SAMPLE_MS = 500;
/** The delay is measured by a timer that should fire this often. */
const RESOLUTION_MS = 10;
/** By how much the refused share grows with each sample of an overloaded process, and falls with each other one. */
const MORE = 0.2;
const LESS = 0.1;
const RETRY_AFTER_SECONDS = 2;

/**
 * Refuses expensive requests while the event loop is delayed: writes, what is not cached, long documents that the fast
 * path does not serve, and large responses. Everything else costs hardly more than its refusal would, and is never
 * refused. The refused share changes in steps: otherwise all would be refused and all accepted in turn. Large responses,
 * also those of CAMS, and documents take turns.
 */
@Injectable()
export class LoadShedding implements OnApplicationBootstrap, OnModuleDestroy {
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined;
  readonly #maxDelayMs: number;
  readonly #shedShare: Gauge;
  #refusedShare = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #turns = new Turns();

  // Not the settings, which hold secrets: the CAMS client refers to this.
  constructor({ http }: Config, metrics: Metrics) {
    this.#maxDelayMs = http.maxEventLoopDelayMs;
    this.#shedShare = metrics.shedShare;
  }

  // Not earlier: the start itself blocks the event loop.
  onApplicationBootstrap(): void {
    if (this.#maxDelayMs === 0) return;
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delay.enable();
    this.#timer = setInterval(() => this.#adjust(), SAMPLE_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
    this.#delay?.disable();
  }

  /**
   * Call it before a request costs much, as early as possible. Throws `OVERLOADED` for more and more requests while the
   * event loop is delayed, but never for one that was admitted before: what has begun is finished.
   */
  admit(request: RequestContext): void {
    if (request.isAdmitted) return;
    if (Math.random() < this.#refusedShare)
      throw new GatewayError('OVERLOADED', 'The gateway is overloaded. Nothing was done.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    request.isAdmitted = true;
  }

  #adjust(): void {
    const { mean = 0 } = this.#delay ?? {};
    this.#delay?.reset();
    // Not a number if the timer has not fired once since the previous sample.
    const isDelayed = !(mean / 1e6 - RESOLUTION_MS <= this.#maxDelayMs);
    this.#refusedShare = Math.min(1, Math.max(0, this.#refusedShare + (isDelayed ? MORE : -LESS)));
    this.#shedShare.set(this.#refusedShare);
  }

  /**
   * Call it before work that may take milliseconds. Admits the request and waits until other requests have been handled since
   * such work began.
   */
  async turn(request: RequestContext): Promise<void> {
    this.admit(request);
    await this.#turns.next(request.tenantId ?? '');
  }
}
