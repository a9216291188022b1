import { loadConfig, withSandboxAt } from '../../src/config/config.js';
import { startGateway } from '../../src/app/bootstrap.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { ACME_KEY, type Answer, type RequestOptions, TEST_SETTINGS, type TestGateway } from './gateway.js';
import { SandboxControl } from './sandbox-control.js';

/** A gateway whose CAMS can be shut down while it runs. */
export interface StrandedGateway extends TestGateway {
  /** Stops CAMS; afterwards nothing listens at its address. */
  strand(): Promise<void>;
}

export async function startStrandedGateway(
  settings: Readonly<Record<string, string>>,
): Promise<StrandedGateway> {
  const config = loadConfig({ ...TEST_SETTINGS, ...settings });
  if (!config.sandbox) throw new Error('A stranded gateway needs the sandbox.');
  const sandbox = await startSandbox(config.sandbox);
  const gateway = await startGateway(withSandboxAt(config, sandbox.url));
  const rest = async (path: string, options: RequestOptions = {}): Promise<Answer> =>
    ask(gateway.url + path, options);
  return {
    url: gateway.url,
    managementUrl: undefined,
    sandbox: new SandboxControl(sandbox.url),
    rest,
    graphql: async (query, variables = {}) =>
      rest('/graphql', { method: 'POST', body: { query, variables } }),
    strand: async () => sandbox.close(),
    close: async () => gateway.close(),
  };
}

async function ask(url: string, { method = 'GET', body }: RequestOptions): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${ACME_KEY}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, body: text === '' ? undefined : JSON.parse(text) };
}
