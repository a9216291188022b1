import type { TestGateway } from './gateway.js';
import { gatewayClient } from './gateway-client.js';
import { FAST_PATH } from './fast-path-of-project.js';
import { GATEWAY_LINE, Program, SANDBOX_OF_GATEWAY } from './program.js';
import { SandboxControl } from './sandbox-control.js';

/** The built gateway in a separate process. Its output is what an operator would see. */
export interface GatewayProcess extends TestGateway {
  /** All of standard output and standard error. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>;
}

/** Starts it with only these settings, and a sandbox unless they name an upstream. `key` is the default API key. */
export async function startGatewayProcess(
  settings: Readonly<Record<string, string>>,
  key: string,
): Promise<GatewayProcess> {
  const program = new Program('dist/main.js', {
    PORT: '0',
    SANDBOX_PORT: '0',
    MANAGEMENT_PORT: '0',
    FAST_PATH,
    MAX_EVENT_LOOP_DELAY_MS: '0',
    // No test reaches it, and so few failures do not stop calls.
    CAMS_QPS: '10000',
    ...settings,
  });
  const url = await program.said(GATEWAY_LINE);
  const sandboxUrl = settings['CAMS_ENDPOINT'] ?? (await program.said(SANDBOX_OF_GATEWAY));
  return {
    url,
    managementUrl: undefined,
    sandbox: new SandboxControl(sandboxUrl),
    ...gatewayClient(url, key),
    output: () => program.output,
    signal: (name) => program.signal(name),
    close: () => program.end('SIGTERM'),
    kill: () => program.end('SIGKILL'),
  };
}
