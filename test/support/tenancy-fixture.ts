import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { MaybePromise } from '../../src/util/maybe-promise.js';
import { loadConfig, SANDBOX_PEPPER, type Config } from '../../src/config/config.js';
import { digestSecret } from '../../src/tenancy/auth/api-keys.js';
import { Authenticator } from '../../src/tenancy/auth/authenticator.js';
import type { Principal } from '../../src/tenancy/principal.js';
import { TenantDirectory } from '../../src/tenancy/directory/tenant-directory.js';
import { Metrics } from '../../src/telemetry/metrics.js';

export const SECRET_A = 'A'.repeat(43);

/** Returns the tenants file entry of one API key, with the digest of the secret under the sandbox's pepper. */
export function keyLine(id: string, secret: string, rest = ''): string {
  const digest = digestSecret(secret, SANDBOX_PEPPER).toString('hex');
  return `{ id: ${id}, digest: '${digest}', permissions: ['groups:read', 'groups:write']${rest && `, ${rest}`} }`;
}

/** Returns a tenants file with the tenant `acme`, which has two spaces, and any more tenants. */
export function acmeFile(apiKeys = keyLine('web', SECRET_A), more = ''): string {
  return `
tenants:
  - id: acme
    name: Acme Travel
    spaces:
      - { custSpaceId: cams-acme, businessNumbers: ['8613800000001'] }
      - { custSpaceId: cams-acme-2 }
    apiKeys: [${apiKeys}]
${more}`;
}

/** A folder for the files of one test. `close` removes it and closes everything that was opened. */
export class TenancyFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'tenancy-'));
  readonly metrics = new Metrics();
  readonly #closers: (() => void)[] = [];

  constructor() {
    Logger.overrideLogger(false);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  config(env: Readonly<Record<string, string>> = {}): Config {
    return loadConfig({ TENANTS_FILE: this.path('tenants.yaml'), ...env });
  }

  directory(config = this.config()): TenantDirectory {
    const directory = new TenantDirectory(config, this.metrics);
    directory.onModuleInit();
    this.#closers.push(() => directory.onModuleDestroy());
    return directory;
  }

  authenticator(config = this.config(), directory = this.directory(config)): Authenticator {
    const authenticator = new Authenticator(config, directory, this.metrics);
    authenticator.onModuleInit();
    this.#closers.push(() => authenticator.onModuleDestroy());
    return authenticator;
  }

  /** Returns the value of a counter for one label value. */
  async counted(name: string, label: string, value: string): Promise<number> {
    const metric = await this.metrics.registry.getSingleMetric(name)?.get();
    return metric?.values.find(({ labels }) => labels[label] === value)?.value ?? 0;
  }

  /** Returns the value of a metric without labels. */
  async gauged(name: string): Promise<number | undefined> {
    return (await this.metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value;
  }

  close(): void {
    for (const close of this.#closers.splice(0)) close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Returns the result of an attempt: the principal's ID, or the code of the error. */
export async function outcome(attempt: MaybePromise<Principal>): Promise<string> {
  try {
    return (await attempt).id;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
