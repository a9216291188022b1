import OpenApi, { Config, OpenApiRequest, Params } from '@alicloud/openapi-client';
import { RuntimeOptions } from '@alicloud/tea-util';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';
import type { SandboxSettings } from '../../src/sandbox/settings.js';
import { typeMismatches } from './cams-declared-types.js';
import { SandboxControl } from './sandbox-control.js';

export const ACME = { CustSpaceId: 'cams-acme', BusinessNumber: '8613800000001' } as const;
export const GLOBEX = { CustSpaceId: 'cams-globex', BusinessNumber: '8613900000001' } as const;

/** An answer of the upstream as the vendor's SDK hands it over, whether it resolved or threw. */
export interface SdkAnswer {
  readonly status: number | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  /** The SDK threw; `SyntaxError` and connection errors have no status. */
  readonly error?: { readonly name: string; readonly code: unknown };
}

export interface SdkOptions {
  readonly accessKeyId?: string;
  readonly accessKeySecret?: string;
  readonly securityToken?: string;
  readonly version?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Record<string, string>;
  readonly readTimeoutMs?: number;
}

/** One call by the vendor's SDK, as the vendor's generated clients make it. */
export async function callBySdk(
  url: string,
  action: string,
  query: Record<string, string>,
  options: SdkOptions = {},
): Promise<SdkAnswer> {
  const {
    accessKeyId = 'sandbox',
    accessKeySecret = 'sandbox-secret',
    securityToken,
    version = '2020-06-06',
  } = options;
  const { headers, body, readTimeoutMs = 10_000 } = options;
  const client = new OpenApi.default(
    new Config({
      accessKeyId,
      accessKeySecret,
      ...(securityToken !== undefined && { securityToken }),
      endpoint: new URL(url).host,
      protocol: 'HTTP',
    }),
  );
  const params = new Params({
    action,
    version,
    protocol: 'HTTPS',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const request = new OpenApiRequest({ query, ...(headers && { headers }), ...(body && { body }) });
  try {
    const answer: unknown = await client.callApi(
      params,
      request,
      new RuntimeOptions({ readTimeout: readTimeoutMs }),
    );
    const { statusCode, body: fields } = record(answer);
    return { status: Number(statusCode), body: record(fields) };
  } catch (error) {
    const { name, code, statusCode, data } = record(error);
    const fields = record(data);
    const status = statusCode ?? fields['statusCode'];
    return {
      status: status === undefined ? undefined : Number(status),
      body: fields,
      error: { name: String(name), code },
    };
  }
}

/** JSON as a test walks through it; anything but an object counts as an empty one. */
export function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** The objects of a list. */
export function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A sandbox with its controls, and with calls by the SDK; its clock stands still until it is moved. */
export interface TestSandbox {
  readonly url: string;
  readonly control: SandboxControl;
  readonly time: { now: number };
  /** Throws when a response breaks the vendor's declared types. */
  call(action: string, query: Record<string, string>, options?: SdkOptions): Promise<SdkAnswer>;
  list(query?: Record<string, string>): Promise<{ total: number; groups: Record<string, unknown>[] }>;
  close(): Promise<void>;
}

const SETTINGS: SandboxSettings = {
  host: '127.0.0.1',
  port: 0,
  fallbackToFreePort: false,
  unlistedMs: 0,
  creatingMs: 0,
  listLagMs: 0,
  qps: null,
};

export async function startTestSandbox(
  settings: Partial<SandboxSettings> = {},
  options: SandboxOptions = {},
): Promise<TestSandbox> {
  const time = { now: Date.now() };
  const sandbox: Sandbox = await startSandbox(
    { ...SETTINGS, ...settings },
    { clock: () => time.now, ...options },
  );
  // The SDK dates its calls by the real clock: where a test moved the sandbox's, the date moves along.
  const dated = (options: SdkOptions): SdkOptions => ({
    ...options,
    headers: { 'x-acs-date': new Date(time.now).toISOString().replace(/\.\d+Z/, 'Z'), ...options.headers },
  });
  const call: TestSandbox['call'] = async (action, query, options = {}) => {
    const response = await callBySdk(sandbox.url, action, query, dated(options));
    // A generated SDK reads the types of successful HTTP responses only; of others it reads the code.
    const wrong = response.status === 200 ? typeMismatches(action, response.body) : [];
    if (wrong.length > 0) throw new Error(`Every SDK of the vendor would throw:\n${wrong.join('\n')}`);
    return response;
  };
  return {
    url: sandbox.url,
    control: new SandboxControl(sandbox.url),
    time,
    call,
    async list(query = {}) {
      const answer = await call('ListChatGroup', { ...ACME, Page: '{"Index":1,"Size":100}', ...query });
      const { Total, List } = record(answer.body['Data']);
      return { total: Number(Total), groups: records(List) };
    },
    close: async () => sandbox.close(),
  };
}

/** Waits until the condition holds; the test's own time limit ends a wait in vain. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
}
