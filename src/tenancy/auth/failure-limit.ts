import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const WINDOW_SECONDS = 60;
const FAILURES_OF_KEY = 10;
/** More than the failures of a key, because many clients may share an address. */
const FAILURES_OF_ADDRESS = 50;
/** Maximum number of counters of each kind; beyond it, the oldest are evicted. */
const MAX_COUNTERS = 10_000;
/** Providers give each customer a network of at least this size, so its addresses count as one. */
const IPV6_NETWORK_GROUPS = 4;

/** Counts failed credentials per address, and per address and API key. Valid credentials are never limited. */
export class FailureLimit {
  readonly #ofAddress = new Counters(FAILURES_OF_ADDRESS);
  readonly #ofKey = new Counters(FAILURES_OF_KEY);

  /**
   * Counts one failure; `keyId` is the id of the API key that was claimed, if any. Returns the seconds to wait if there were
   * too many, else `null`.
   */
  async count(address: string, keyId?: string): Promise<number | null> {
    const network = networkOf(address);
    const wait = await this.#ofAddress.count(network);
    // An address that is limited already must not evict the counters of others with made-up ids.
    if (wait !== null || keyId === undefined) return wait;
    return this.#ofKey.count(`${network} ${keyId}`);
  }
}

/** Failures by counter within the last minute, in bounded memory. */
class Counters {
  readonly #limiter: RateLimiterMemory;
  // The limiter itself has no memory limit.
  readonly #counters = new LRUCache<string, true>({
    max: MAX_COUNTERS,
    dispose: (_value, counter, cause) => {
      if (cause === 'evict') void this.#limiter.delete(counter);
    },
  });

  constructor(points: number) {
    this.#limiter = new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
  }

  async count(counter: string): Promise<number | null> {
    this.#counters.set(counter, true);
    try {
      await this.#limiter.consume(counter);
      return null;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
    }
  }
}

/** Returns an IPv4 address, or the /64 network of an IPv6 address. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return parsed.parts
    .slice(0, IPV6_NETWORK_GROUPS)
    .map((part) => part.toString(16))
    .join(':');
}
