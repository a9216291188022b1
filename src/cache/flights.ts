import type { Span } from '@opentelemetry/api';
import type { Interest } from '../request/interest.js';
import type { RequestContext } from '../request/request-context.js';
import { noteShared, spanOf } from '../tracing/tracing.js';
import type { CachedPage } from './cached-page.js';
import type { LookupResult, PageKey } from './stores/page-store.js';

export type Lease = Extract<LookupResult, { token: string }>;

/** A leader's list in flight. */
export interface Flight {
  readonly name: string;
  /** The latest lease of this process for this page and generation. The first may have expired in a long queue. */
  lease: Lease;
  readonly page: Promise<CachedPage<unknown>>;
  /** Who waits for the leader. */
  readonly interest: Interest;
  /** The leader's span, which has the call. */
  readonly span: Span | undefined;
}

/** Leaders' lists in flight, by page **and generation**: a reader joins only a list that its own lookup shows to be current. */
export class Flights {
  readonly #flights = new Map<string, Flight>();

  /** Returns the list that a reader may join: one that somebody still waits for. */
  of(key: PageKey, generation: string): Flight | undefined {
    const flight = this.#flights.get(nameOf(key, generation));
    return flight?.interest.isLost === false ? flight : undefined;
  }

  /** Begins a list of this request. `list` may read the lease of the flight when it needs it. */
  begin(
    key: PageKey,
    lease: Lease,
    request: RequestContext,
    list: (flight: Flight) => Promise<CachedPage<unknown>>,
  ): Flight {
    const { promise: page, resolve, reject } = Promise.withResolvers<CachedPage<unknown>>();
    const { interest } = request;
    const flight = { name: nameOf(key, lease.generation), lease, page, interest, span: spanOf(request) };
    this.#flights.set(flight.name, flight);
    list(flight).then(resolve, reject);
    return flight;
  }

  /** Call it when the list has ended. */
  landed(flight: Flight): void {
    // Another flight may have replaced one that nobody waited for.
    if (this.#flights.get(flight.name) === flight) this.#flights.delete(flight.name);
  }
}

/** Notes that a request waits for the list of another one. */
export function share(flight: Flight, request: RequestContext): void {
  flight.interest.sharedWith(request.interest, flight.page);
  noteShared(flight.span);
}

function nameOf(key: PageKey, generation: string): string {
  return `${key.page} ${generation}`;
}
