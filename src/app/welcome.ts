import { type Config, SANDBOX_DEMO_KEY } from '../config/config.js';
import type { RunningGateway } from './bootstrap.js';

/** Prints the URLs to open and, with the sandbox, a command to try. */
export function printWelcome(config: Config, gateway: RunningGateway, sandboxUrl: string | undefined): void {
  const lines = [
    `Gateway      ${gateway.url}`,
    ...(config.graphql.ide ? [`GraphQL IDE  ${gateway.url}/graphql`] : []),
    `REST docs    ${gateway.url}/docs`,
    ...(gateway.managementUrl === undefined ? [] : [`Metrics      ${gateway.managementUrl}/metrics`]),
    ...(sandboxUrl === undefined ? [] : sandboxLines(gateway.url, sandboxUrl)),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function sandboxLines(gatewayUrl: string, sandboxUrl: string): string[] {
  return [
    `CAMS sandbox ${sandboxUrl} (no requests are sent to Alibaba Cloud)`,
    '',
    'Try it:',
    `  curl -H 'Authorization: Bearer ${SANDBOX_DEMO_KEY}' '${gatewayUrl}/v1/spaces/cams-acme/numbers/8613800000001/groups?size=3'`,
    '',
  ];
}
