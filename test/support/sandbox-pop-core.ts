import RpcClient from '@alicloud/pop-core';
import type { SdkAnswer } from './sandbox-rpc.js';

export interface PopCoreOptions {
  readonly method?: 'GET' | 'POST';
  readonly accessKeyId?: string;
  readonly accessKeySecret?: string;
  readonly securityToken?: string;
  readonly version?: string;
}

/**
 * Makes one call with the vendor's older SDK, which signs with V1. The parameters may replace those of the protocol,
 * such as `Timestamp`.
 */
export async function callByPopCore(
  url: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
  options: PopCoreOptions = {},
): Promise<SdkAnswer> {
  const { method = 'POST', accessKeyId = 'sandbox', accessKeySecret = 'sandbox-secret' } = options;
  const { securityToken, version = '2020-06-06' } = options;
  const client = new VerboseClient(
    {
      endpoint: url,
      apiVersion: version,
      accessKeyId,
      accessKeySecret,
      ...(securityToken !== undefined && { securityToken }),
    },
    true,
  );
  try {
    const [body, entry] = await client.request<[Body, Entry]>(action, parameters, { method });
    return { status: entry.response.statusCode, body: { ...body } };
  } catch (error) {
    // It also throws for errors with HTTP 200.
    const { data, entry, name, code } = error as Error & { data?: Body; entry?: Entry; code?: unknown };
    return { status: entry?.response.statusCode, body: { ...data }, error: { name, code } };
  }
}

type Body = Readonly<Record<string, unknown>>;
interface Entry {
  readonly response: { readonly statusCode: number };
}

/** The declared types lack the second parameter, which makes it return the status too. */
const VerboseClient = RpcClient as unknown as new (config: RpcClient.Config, verbose: true) => RpcClient;
