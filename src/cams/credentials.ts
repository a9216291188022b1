import Credentials from '@alicloud/credentials';
import OpenApi from '@alicloud/openapi-client';
import { GatewayError } from '../errors/gateway-error.js';
import type { CamsSettings } from '../config/config.js';
import type { Account, CredentialSource } from '../tenancy/tenant-scope.js';
import { CredentialChain, type ResolvedCredentials } from './credential-chain.js';
import { withTimeout } from '../util/with-timeout.js';

/** The vendor's client. It holds the secret in plain fields: never to be logged or serialised. */
export type AccountClient = OpenApi.default;

/** One client of the vendor for each account, made when it is first used and gone with its account. */
export class AccountClients {
  readonly #clients = new WeakMap<Account, AccountClient>();
  /** The default chain reads this process's surroundings: all accounts that use it share it. */
  readonly #chain: CredentialChain;
  readonly #settings: CamsSettings;

  constructor(settings: CamsSettings, chain = new CredentialChain()) {
    this.#settings = settings;
    this.#chain = chain;
  }

  /**
   * A client whose credentials are at hand. Throws `UPSTREAM_NOT_ALLOWED` where there are none, and `UPSTREAM_TIMEOUT`
   * where they take longer than `maxWaitMs`: a metadata server may hang.
   */
  async clientFor(account: Account, maxWaitMs: number): Promise<AccountClient> {
    if (account.credentials.kind === 'chain') await this.#resolveChain(maxWaitMs);
    const known = this.#clients.get(account);
    if (known !== undefined) return known;
    const client = new OpenApi.default(this.#clientConfig(account.credentials));
    this.#clients.set(account, client);
    return client;
  }

  async #resolveChain(maxWaitMs: number): Promise<void> {
    const resolved = this.#chain.resolve().catch(() => {
      // The chain's error lists what each provider said, answers of metadata servers included: nobody may see it.
      throw noCredentials();
    });
    await withTimeout(resolved, maxWaitMs, credentialsTooSlow);
  }

  #clientConfig(source: CredentialSource): OpenApi.Config {
    const { endpoint, region } = this.#settings;
    const common = {
      endpoint: endpoint.host,
      protocol: endpoint.protocol,
      regionId: region,
      userAgent: 'chatgroup-gateway',
    };
    if (source.kind === 'chain')
      return new OpenApi.Config({ ...common, credential: this.#chainCredential() });
    const { accessKeyId, accessKeySecret, securityToken } = source;
    return new OpenApi.Config({ ...common, accessKeyId, accessKeySecret, securityToken });
  }

  /** Gives the client what was resolved before the call: it never starts a refresh of its own. */
  #chainCredential(): Credentials.default {
    const getCredentials = (): Promise<ResolvedCredentials> => {
      const { latest } = this.#chain;
      return latest === undefined ? this.#chain.resolve() : Promise.resolve(latest);
    };
    return new Credentials.default(null, { getCredentials, getProviderName: () => 'default' });
  }
}

function noCredentials(): GatewayError {
  return new GatewayError(
    'UPSTREAM_NOT_ALLOWED',
    'There are no credentials for CAMS: the operator must set CAMS_ACCESS_KEY_ID and CAMS_ACCESS_KEY_SECRET, ' +
      'or provide what the default credential chain of Alibaba Cloud reads.',
  );
}

function credentialsTooSlow(): GatewayError {
  return new GatewayError(
    'UPSTREAM_TIMEOUT',
    'The credentials for CAMS could not be had in time. Nothing was sent.',
  );
}
