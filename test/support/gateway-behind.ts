import { SANDBOX_CREDENTIALS, SANDBOX_PEPPER, loadConfig } from '../../src/config/config.js';
import { startGateway } from '../../src/app/bootstrap.js';
import { ACME_KEY, TEST_SETTINGS, type TestGateway } from './gateway.js';
import { gatewayClient } from './gateway-client.js';
import { SandboxControl } from './sandbox-control.js';

/** Starts a gateway that reaches a sandbox started elsewhere through this port. */
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
  return {
    url: running.url,
    managementUrl: running.managementUrl,
    sandbox: new SandboxControl(sandboxUrl),
    ...gatewayClient(running.url, ACME_KEY),
    close: () => running.close(),
  };
}
