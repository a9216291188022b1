/** Where the upstream credentials of an account come from. */
export type CredentialSource =
  | {
      readonly kind: 'static';
      readonly accessKeyId: string;
      readonly accessKeySecret: string;
      readonly securityToken?: string;
    }
  /** The vendor's default chain: environment, profile, OIDC, instance role. */
  | { readonly kind: 'chain' };

/** An Alibaba Cloud account that tenants are served through. A reload with other credentials makes a new one. */
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
