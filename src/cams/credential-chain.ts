import Credentials from '@alicloud/credentials';
import { MINUTE_MS } from '../util/durations.js';

/** Keys that sign requests. */
export interface ResolvedCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string | undefined;
}

type Provider = Pick<Credentials.DefaultCredentialsProvider, 'getCredentials'>;

/** Both times stay well below the 15 minutes that the vendor's providers guarantee for a session. */
const FRESH_MS = 5 * MINUTE_MS;
const USABLE_MS = 10 * MINUTE_MS;

/**
 * The vendor's default credential chain, with single-flight resolution. Without it, each of a hundred concurrent calls
 * would refresh the credentials, and most of the first ones would fail. Rejects if the chain has no credentials.
 */
export class CredentialChain {
  #provider: Provider | undefined;
  #latest: { readonly credentials: ResolvedCredentials; readonly atMs: number } | undefined;
  #resolving: Promise<ResolvedCredentials> | undefined;

  constructor(
    private readonly open: () => Provider = () => Credentials.DefaultCredentialsProvider.builder().build(),
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** The latest resolved credentials, of any age. */
  get latest(): ResolvedCredentials | undefined {
    return this.#latest?.credentials;
  }

  async resolve(): Promise<ResolvedCredentials> {
    if (this.#latest !== undefined && this.#ageMs(this.#latest.atMs) < FRESH_MS)
      return this.#latest.credentials;
    this.#resolving ??= this.#refresh().finally(() => (this.#resolving = undefined));
    return this.#resolving;
  }

  async #refresh(): Promise<ResolvedCredentials> {
    try {
      this.#provider ??= this.open();
      const { accessKeyId, accessKeySecret, securityToken } = await this.#provider.getCredentials();
      if (!accessKeyId || !accessKeySecret) throw new Error('The credential chain returned no access key.');
      const credentials = { accessKeyId, accessKeySecret, securityToken: securityToken || undefined };
      this.#latest = { credentials, atMs: this.nowMs() };
      return credentials;
    } catch (error) {
      // After a failure, the vendor's chain sticks to the provider it tried last: only a new chain starts over.
      this.#provider = undefined;
      if (this.#latest !== undefined && this.#ageMs(this.#latest.atMs) < USABLE_MS)
        return this.#latest.credentials;
      throw error;
    }
  }

  #ageMs(atMs: number): number {
    return this.nowMs() - atMs;
  }
}
