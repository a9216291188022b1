import type { FastifyReply } from 'fastify';
import type { HeldPlace } from '../request/request-context.js';
import type { CountedRequests, TenantUsage } from '../request/tenant-usage.js';
import { type MaybePromise } from '../util/maybe-promise.js';
import type { ConcurrencyHolder, Place } from './tenant-concurrency.js';
import type { QuotaHolder, TenantRateLimit } from './tenant-rate-limit.js';

/** Typical pages of 100 groups have less. Reading, storing or rendering more takes as long as several requests. */
const BYTES_OF_REQUEST = 64 * 1024;

/** What one request uses of the limits of its tenant. It holds its place until its response has ended. */
export class RequestUsage implements TenantUsage, HeldPlace {
  /** What has been counted for bytes that were received, in requests. */
  #counted = 0;
  #isAnswered = false;
  #isClosed = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(
    private readonly tenant: QuotaHolder & ConcurrencyHolder,
    private readonly place: Place,
    private readonly rateLimit: TenantRateLimit,
    private readonly reply: FastifyReply,
  ) {
    reply.request.gateway.held = this;
    // The client may have left while its credentials were verified: no close event follows.
    if (reply.request.raw.socket.destroyed) this.closed();
  }

  countAs({ units, places }: CountedRequests): MaybePromise<void> {
    const { tenant, reply } = this;
    this.place.countAs(places);
    if (units === 1) return undefined;
    return this.rateLimit.consumeMore(tenant, units - 1, (headers) => void reply.headers(headers));
  }

  received(bytes: number): void {
    const requests = Math.floor(bytes / BYTES_OF_REQUEST);
    this.#counted += requests;
    this.countMore(requests);
  }

  rendered(bytes: number): void {
    this.countMore(Math.floor(bytes / BYTES_OF_REQUEST) - this.#counted);
  }

  countMore(requests: number): void {
    // The headers may have been sent.
    if (requests > 0) void this.rateLimit.consumeMore(this.tenant, requests, () => {});
  }

  allowSuspension(): void {
    this.place.allowSuspension();
  }

  suspendPlace(): void {
    this.place.suspend();
  }

  resumePlace(): void {
    this.place.resume();
  }

  requirePlace(): void {
    this.place.require();
  }

  /** Call it when the response is sent. */
  answered(): void {
    this.#isAnswered = true;
    if (!this.#isClosed) return;
    // It would keep the whole request in memory.
    clearTimeout(this.#deadline);
    this.place.leave();
  }

  /** Call it when the response has ended. A request whose client has left keeps its place until the work for it has ended. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { gateway } = this.reply.request;
    if (this.#isAnswered) this.place.leave();
    // Nothing works for a request beyond its deadline.
    else this.#deadline = setTimeout(() => this.place.leave(), gateway.remainingMs).unref();
  }
}
