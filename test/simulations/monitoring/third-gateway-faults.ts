import { readFileSync, writeFileSync } from 'node:fs';
import autocannon from 'autocannon';
import { breakStep, type Step } from '../broken-build.js';
import { QUIET_NUMBER, TENANT } from '../soak/settings.js';
import { runTenant, tenantsFile } from '../tenants.js';
import { type FaultStage, type RealFault, sendTo } from './real-fault.js';
import { type BuildChange, startThirdGateway, type ThirdGateway } from './third-gateway.js';

const VIEWER = '/v1/viewer';
const LIST = `/v1/spaces/${TENANT.custSpaceId}/numbers/${QUIET_NUMBER}/groups`;
/** More tenants than the stage ever has. */
const TENANTS = [TENANT, runTenant('other', 8), runTenant('third', 9)];
/** Each makes a line of some 300 bytes, so three times as many make more than 16 MiB. */
const REQUESTS = 20_000;
const CONNECTIONS = 20;

const BUGS: Readonly<Record<string, Step>> = {
  viewer: {
    what: 'read the caller from a misspelt field',
    file: 'chat-groups/rest/caller.controller.js',
    from: /toViewer\(caller\.principal\)/,
    to: 'toViewer(caller.principle)',
  },
};

let third: ThirdGateway | undefined;

const start =
  (change?: BuildChange) =>
  async (stage: FaultStage): Promise<void> => {
    third ??= await startThirdGateway(stage, change);
  };

function running(): ThirdGateway {
  if (!third) throw new Error('The third gateway does not run.');
  return third;
}

async function end(): Promise<void> {
  await third?.close();
  third = undefined;
}

const nextRelease: BuildChange = (build) => {
  const file = build.file('package.json');
  const description = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  writeFileSync(file, JSON.stringify({ ...description, version: `${description.version}-next` }));
};

const withBug: BuildChange = (build) => breakStep(BUGS, build.file('dist'), 'viewer');

/** Faults of one gateway among others. */
export const THIRD_GATEWAY_FAULTS: readonly RealFault[] = [
  {
    alerts: ['GatewayVersionsDiffer'],
    what: 'a gateway of another release starts',
    act: start(nextRelease),
    end,
  },
  {
    alerts: ['GatewayTenantsDiffer'],
    what: 'a gateway reloads a tenants file that the others do not have',
    prepare: start(),
    act: async () => {
      const { tenantsFile: file, process } = running();
      writeFileSync(file, tenantsFile(TENANTS));
      process.signal('SIGHUP');
    },
    end,
  },
  {
    alerts: ['GatewayInternalErrors'],
    what: 'a request meets a bug',
    prepare: start(withBug),
    act: () => sendTo(running().url, VIEWER),
    end,
  },
  {
    alerts: ['GatewayLogLinesDropped'],
    what: 'nobody reads the log lines of many requests',
    prepare: start(),
    act: async () => {
      const { url, process } = running();
      process.ignoreOutput();
      const headers = { authorization: `Bearer ${TENANT.apiKey}` };
      await autocannon({ url: `${url}${LIST}`, connections: CONNECTIONS, amount: REQUESTS, headers });
    },
    end,
  },
];
