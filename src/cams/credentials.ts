import Credentials from '@alicloud/credentials';
import OpenApi from '@alicloud/openapi-client';
import { Logger } from '@nestjs/common';
import { GatewayError } from '../errors/gateway-error.js';
import type { CamsSettings } from '../config/config.js';
import type { Account, CredentialSource } from '../tenancy/tenant-scope.js';
import { CredentialChain, type ResolvedCredentials } from './credential-chain.js';
import { ProxyRoute } from './proxy-route.js';
import { withTimeout } from '../util/with-timeout.js';

/** The vendor's client. It holds the secret in plain fields: never log or serialise it. */
export class AccountClient extends OpenApi.default {
  constructor(
    config: OpenApi.Config,
    /** `null` for direct connections. */
    readonly route: ProxyRoute | null,
  ) {
    super(config);
  }
}

/** One vendor client per account, created on first use and released with its account. */
export class AccountClients {
  readonly #clients = new WeakMap<Account, AccountClient>();
  /** The default chain reads the environment of this process: all accounts that use it share it. */
  readonly #chain: CredentialChain;
  readonly #settings: CamsSettings;
  /** All accounts share its connections, as they share the direct ones. */
  readonly #route: ProxyRoute | null;

  constructor(settings: CamsSettings, chain = new CredentialChain()) {
    this.#settings = settings;
    const { proxy, endpoint } = settings;
    this.#route = proxy && new ProxyRoute(proxy, endpoint.protocol);
    if (proxy) new Logger('CamsClient').log(`calls to CAMS go through the proxy ${proxy.address}`);
    this.#chain = chain;
  }

  /**
   * Returns a client whose credentials are resolved. Throws `UPSTREAM_NOT_ALLOWED` if there are none, and
   * `UPSTREAM_TIMEOUT` if resolving takes longer than `maxWaitMs`: a metadata server may hang.
   */
  async clientFor(account: Account, maxWaitMs: number): Promise<AccountClient> {
    if (account.credentials.kind === 'chain') await this.#resolveChain(maxWaitMs);
    const known = this.#clients.get(account);
    if (known !== undefined) return known;
    const client = new AccountClient(this.#clientConfig(account.credentials), this.#route);
    this.#clients.set(account, client);
    return client;
  }

  async #resolveChain(maxWaitMs: number): Promise<void> {
    const resolved = this.#chain.resolve().catch(() => {
      // Drop the chain's error: it lists the output of each provider, including metadata server responses.
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

  /** Returns the credentials resolved before the call, so that the client does not start a refresh itself. */
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
    'No credentials for CAMS are configured. The operator must set CAMS_ACCESS_KEY_ID and CAMS_ACCESS_KEY_SECRET, ' +
      'or configure the default credential chain of Alibaba Cloud.',
  );
}

function credentialsTooSlow(): GatewayError {
  return new GatewayError(
    'UPSTREAM_TIMEOUT',
    'The credentials for CAMS could not be resolved in time. Nothing was sent.',
  );
}
