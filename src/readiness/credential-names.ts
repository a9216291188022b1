import type { Config } from '../config/config.js';
import type { Account } from '../tenancy/account.js';

/** Where an operator finds the parts of an account's credentials. */
export interface CredentialNames {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string;
}

/** Names the settings that the credentials of an account come from, or the tenants file. */
export function credentialNames(account: Account, { secret }: Pick<Config, 'secret'>): CredentialNames {
  const of = `of account ${account.id}`;
  const source = account.credentials;
  if (source.kind === 'chain') {
    const chain = `that the default credential chain of Alibaba Cloud returns for account ${account.id}`;
    return {
      accessKeyId: `the access key ${chain}`,
      accessKeySecret: `the secret ${chain}`,
      securityToken: `the security token ${chain}`,
    };
  }
  if (source.isOfSettings) {
    const setting = (name: string): string =>
      `${secret(`${name}_FILE`)?.trim() ? `${name}_FILE` : name} ${of}`;
    return {
      accessKeyId: setting('CAMS_ACCESS_KEY_ID'),
      accessKeySecret: setting('CAMS_ACCESS_KEY_SECRET'),
      securityToken: setting('CAMS_SECURITY_TOKEN'),
    };
  }
  const file = `${of}, whose source the tenants file names`;
  return {
    accessKeyId: `the access key ID ${file}`,
    accessKeySecret: `the access key secret ${file}`,
    securityToken: `the security token ${file}`,
  };
}
