import { type Config, SANDBOX_DEMO_KEY } from '../config/config.js';
import { packageVersion } from '../util/package-version.js';
import type { RunningGateway } from './bootstrap.js';

/** Logs what has started, and tells people at a terminal what to open. */
export function announce(config: Config, gateway: RunningGateway, sandboxUrl: string | undefined): void {
  const { url, managementUrl, log, accounts, tenantCount } = gateway;
  for (const warning of config.warnings) log.warn(warning);
  // Like the audit log, not subject to LOG_LEVEL: which version ran with which settings is always worth a line.
  const start = log.child({}, { level: config.logLevel === 'silent' ? 'silent' : 'info' });
  start.info(
    {
      version: packageVersion(),
      production: config.production,
      pid: process.pid,
      url,
      managementUrl,
      sandboxUrl,
      settings: config.changed,
      accounts,
      tenants: tenantCount,
    },
    'started',
  );
  if (config.logFormat === 'pretty' && process.stdout.isTTY) printWelcome(config, gateway, sandboxUrl);
}

function printWelcome(config: Config, gateway: RunningGateway, sandboxUrl: string | undefined): void {
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
