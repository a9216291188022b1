/** The source of an account's upstream credentials. */
export type CredentialSource =
  | {
      readonly kind: 'static';
      readonly accessKeyId: string;
      readonly accessKeySecret: string;
      readonly securityToken?: string;
      /** Set if they come from the settings of the gateway. Otherwise, the tenants file names their sources. */
      readonly isOfSettings?: true;
    }
  /** The vendor's default chain: environment, profile, OIDC, instance role. */
  | { readonly kind: 'chain' };

/** An Alibaba Cloud account that serves tenants. A reload with different credentials creates a new object. */
export class Account {
  // Private, so that neither JSON.stringify nor a logger can print the secret.
  readonly #source: CredentialSource;

  constructor(
    readonly id: string,
    source: CredentialSource,
  ) {
    this.#source = source;
  }

  get credentials(): CredentialSource {
    return this.#source;
  }
}
