import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../../src/app/bootstrap.js';
import { loadConfig, SANDBOX_CREDENTIALS, SANDBOX_PEPPER } from '../../src/config/config.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { eventually } from './eventually.js';
import { ACME, type Json, TEST_SETTINGS } from './gateway.js';
import { SandboxControl } from './sandbox-control.js';
import { unusedPort } from './unused-port.js';

/** A tenant with a number to check its account with. */
export const ACME_TENANT = {
  id: 'acme',
  spaces: [{ custSpaceId: ACME.custSpaceId, businessNumbers: [ACME.businessNumber] }],
};

/** A sandbox, and the settings of a gateway that uses it. */
export interface CheckStage {
  readonly sandbox: SandboxControl;
  /** Writes a file of the stage; returns its path. */
  file(name: string, content: string | object): string;
  /** The environment of a gateway with a management listener and this tenants file. */
  settings(tenants?: object, overrides?: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  close(): Promise<void>;
}

export async function startCheckStage(): Promise<CheckStage> {
  const { sandbox: config } = loadConfig(TEST_SETTINGS);
  if (config === null) throw new Error('The settings have no sandbox.');
  const sandbox = await startSandbox(config);
  const folder = mkdtempSync(join(tmpdir(), 'gateway-checks-'));
  const file = (name: string, content: string | object): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  return {
    sandbox: new SandboxControl(sandbox.url),
    file,
    settings: async (tenants = { tenants: [ACME_TENANT] }, overrides = {}) => ({
      ...TEST_SETTINGS,
      MANAGEMENT_PORT: String(await unusedPort()),
      CAMS_ENDPOINT: sandbox.url,
      CAMS_ACCESS_KEY_ID: SANDBOX_CREDENTIALS.accessKeyId,
      CAMS_ACCESS_KEY_SECRET: SANDBOX_CREDENTIALS.accessKeySecret,
      API_KEY_PEPPER: SANDBOX_PEPPER,
      TENANTS_FILE: file('tenants.yaml', tenants),
      ...overrides,
    }),
    async close() {
      await sandbox.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What an operator sees of a gateway on its management listener. */
export class ManagementView {
  constructor(private readonly managementUrl: string) {}

  async readiness(): Promise<{ status: number; body: Json }> {
    const response = await fetch(`${this.managementUrl}/health/ready`);
    return { status: response.status, body: await response.json() };
  }

  /** Waits until the check of the account says something that matches; returns it. */
  says(account: string, pattern: RegExp): Promise<string> {
    return eventually(async () => {
      const said: unknown = (await this.readiness()).body.checks.cams[account];
      return typeof said === 'string' && pattern.test(said) ? said : undefined;
    });
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.managementUrl}/metrics`)).text();
  }

  /** Returns the gauge of the account; `undefined` if there is none. */
  async gauge(account: string): Promise<number | undefined> {
    const text = await this.metrics();
    const value = new RegExp(`^gateway_cams_account_ready\\{account="${account}"\\} (\\S+)$`, 'm').exec(text);
    return value?.[1] === undefined ? undefined : Number(value[1]);
  }
}

/** A gateway in this process. Its accounts are checked once {@link checkAccounts} is called. */
export interface CheckedGateway extends ManagementView {
  readonly url: string;
  checkAccounts(): void;
  close(): Promise<void>;
}

/** Starts a gateway, and the checks unless `checked` is false. */
export async function startCheckedGateway(
  settings: Record<string, string>,
  { checked = true } = {},
): Promise<CheckedGateway> {
  const running = await startGateway(loadConfig(settings));
  if (checked) running.checkAccounts();
  return Object.assign(new ManagementView(String(running.managementUrl)), {
    url: running.url,
    checkAccounts: () => running.checkAccounts(),
    close: () => running.close(),
  });
}
