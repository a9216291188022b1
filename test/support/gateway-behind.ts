import { SANDBOX_CREDENTIALS, SANDBOX_PEPPER, loadConfig } from '../../src/config.js';
import { startGateway } from '../../src/gateway.js';
import { ACME_KEY, type Answer, type RequestOptions, TEST_SETTINGS, type TestGateway } from './gateway.js';
import { SandboxControl } from './sandbox-control.js';

/** A gateway that reaches a sandbox of somebody else's through this port. */
export async function startGatewayBehind(
  port: number,
  sandboxUrl: string,
  settings: Record<string, string>,
): Promise<TestGateway> {
  const running = await startGateway(
    loadConfig({
      ...TEST_SETTINGS,
      CAMS_ENDPOINT: `http://127.0.0.1:${port}`,
      CAMS_ACCESS_KEY_ID: SANDBOX_CREDENTIALS.accessKeyId,
      CAMS_ACCESS_KEY_SECRET: SANDBOX_CREDENTIALS.accessKeySecret,
      API_KEY_PEPPER: SANDBOX_PEPPER,
      ...settings,
    }),
  );
  const rest = async (
    path: string,
    { key = ACME_KEY, method = 'GET', body, headers = {} }: RequestOptions = {},
  ): Promise<Answer> => {
    const answer = await fetch(running.url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    return { status: answer.status, headers: answer.headers, body: parsed, text };
  };
  return {
    url: running.url,
    managementUrl: running.managementUrl,
    sandbox: new SandboxControl(sandboxUrl),
    rest,
    graphql: (query, variables = {}, options = {}) =>
      rest('/graphql', { method: 'POST', body: { query, variables }, ...options }),
    close: () => running.close(),
  };
}
