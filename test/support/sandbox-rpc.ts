import OpenApi, { Config, OpenApiRequest, Params } from '@alicloud/openapi-client';
import { RuntimeOptions } from '@alicloud/tea-util';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';
import type { SandboxSettings } from '../../src/sandbox/settings.js';
import { parseJson } from '../../src/util/parse-json.js';
import { answerMismatches } from './cams-declared-types.js';
import { SandboxControl } from './sandbox-control.js';
import { callByPopCore, type PopCoreOptions } from './sandbox-pop-core.js';
import { callRaw, type RawAnswer, type RawCall } from './sandbox-raw.js';

export const ACME = { CustSpaceId: 'cams-acme', BusinessNumber: '8613800000001' } as const;
export const GLOBEX = { CustSpaceId: 'cams-globex', BusinessNumber: '8613900000001' } as const;

/** An upstream response as returned or thrown by the vendor's SDK. */
export interface SdkAnswer {
  readonly status: number | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  /** Set if the SDK threw. `SyntaxError` and connection errors have no status. */
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

/** Makes one call with the vendor's SDK, as its generated clients do. */
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
    // The SDK adds the status to the body.
    const { statusCode: added, ...fields } = record(data);
    const status = statusCode ?? added;
    return {
      status: status === undefined ? undefined : Number(status),
      body: fields,
      error: { name: String(name), code },
    };
  }
}

/** Returns the value if it is an object, or else an empty one, so that tests can navigate JSON. */
export function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** Returns the objects in a list. */
export function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A sandbox with its controls and calls by the SDK. Its clock stands still until a test moves it. */
export interface TestSandbox {
  readonly url: string;
  readonly control: SandboxControl;
  readonly time: { now: number };
  /** This call and the following throw if a response, or an error, violates the types that the vendor declares. */
  call(action: string, query: Record<string, string>, options?: SdkOptions): Promise<SdkAnswer>;
  /** The same with the vendor's V1 client. */
  callByPopCore(action: string, query: Record<string, string>, options?: PopCoreOptions): Promise<SdkAnswer>;
  /** The same with a call that is signed by hand. */
  callRaw(call: RawCall): Promise<RawAnswer>;
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
  // The SDK dates its calls by the real clock, so the date header must follow the sandbox's clock.
  const dated = (options: SdkOptions): SdkOptions => ({
    ...options,
    headers: { 'x-acs-date': dateAt(time.now), ...options.headers },
  });
  const call: TestSandbox['call'] = async (action, query, options = {}) => {
    const response = await callBySdk(sandbox.url, action, query, dated(options));
    judge(action, response.status, response.body);
    return response;
  };
  return {
    url: sandbox.url,
    control: new SandboxControl(sandbox.url),
    time,
    call,
    async callByPopCore(action, query, options = {}) {
      const response = await callByPopCore(
        sandbox.url,
        action,
        { Timestamp: dateAt(time.now), ...query },
        options,
      );
      judge(action, response.status, response.body);
      return response;
    },
    async callRaw(call) {
      const answer = await callRaw(sandbox.url, { now: time.now, ...call });
      const body = parseJson(answer.text);
      if (body !== undefined) judge(call.action, answer.status, body);
      return answer;
    },
    async list(query = {}) {
      const answer = await call('ListChatGroup', { ...ACME, Page: '{"Index":1,"Size":100}', ...query });
      const { Total, List } = record(answer.body['Data']);
      return { total: Number(Total), groups: records(List) };
    },
    close: async () => sandbox.close(),
  };
}

/** Returns the time as requests carry it: ISO 8601 in UTC, in seconds. */
export function dateAt(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z/, 'Z');
}

/** Bodies that a fault broke have no status, because the SDK cannot read them. */
function judge(action: string, status: number | undefined, body: unknown): void {
  const wrong = status === undefined ? [] : answerMismatches(action, status, body);
  if (wrong.length > 0) throw new Error(`The vendor's SDKs would not read this:\n${wrong.join('\n')}`);
}

/** Waits until the condition holds, without a timeout: the test's own time limit applies. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
}
