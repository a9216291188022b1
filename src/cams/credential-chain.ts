import Credentials from '@alicloud/credentials';
import { MINUTE_MS } from '../util/durations.js';

/** Keys that sign requests. */
export interface ResolvedCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string | undefined;
}

type Provider = Pick<Credentials.DefaultCredentialsProvider, 'getCredentials'>;

/** The vendor's providers hand sessions over with at least 15 minutes left: well above both times together. */
const FRESH_MS = 5 * MINUTE_MS;
const USABLE_MS = 10 * MINUTE_MS;

/**
 * The vendor's default chain, resolved by one request at a time however many callers wait: left to itself, each of a
 * hundred concurrent calls refreshes, and most of the first ones fail. Rejects where the chain yields nothing.
 */
export class CredentialChain {
  #provider: Provider | undefined;
  #latest: { readonly credentials: ResolvedCredentials; readonly atMs: number } | undefined;
  #resolving: Promise<ResolvedCredentials> | undefined;

  constructor(
    private readonly open: () => Provider = () => Credentials.DefaultCredentialsProvider.builder().build(),
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** What was resolved last, of whatever age. */
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
      if (!accessKeyId || !accessKeySecret) throw new Error('The credential chain gave no access key.');
      const credentials = { accessKeyId, accessKeySecret, securityToken: securityToken || undefined };
      this.#latest = { credentials, atMs: this.nowMs() };
      return credentials;
    } catch (error) {
      // After a failure the vendor's chain stays with the provider that it tried last: only a new one starts over.
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
