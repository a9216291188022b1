import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { Config } from '../config/config.js';
import { createAdapter } from '../http/adapter.js';
import { CLOSE_UNUSED_EVERY_MS, type Timeouts } from '../listeners/http-listener.js';
import { reload } from './reload.js';
import { serveOpenApiDocument } from './openapi-document.js';
import { AccountChecks } from '../readiness/account-checks.js';
import { createLogger, nestLogger } from '../telemetry/logger.js';
import { Management } from '../telemetry/management.js';
import { Metrics } from '../telemetry/metrics.js';
import { TenantDirectory } from '../tenancy/directory/tenant-directory.js';

/** Creates the application without listening. Throws if its settings or handlers are invalid. */
export async function createGateway(
  config: Config,
  log = createLogger(config),
  timeouts?: Timeouts,
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, log),
    createAdapter(config, timeouts),
    { logger: nestLogger(log.logger), bodyParser: false, abortOnError: false },
  );
  serveOpenApiDocument(app);
  return app;
}

export interface RunningGateway {
  /** Base URL of the public listener. */
  readonly url: string;
  readonly managementUrl: string | undefined;
  /** Served by the management listener. */
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The accounts and the number of tenants in the tenants file. */
  readonly accounts: readonly string[];
  readonly tenantCount: number;
  /** Reloads the tenants file and the files of secrets, and logs the result. */
  reload(): Promise<void>;
  /** Starts to check every account of the tenants file against CAMS, in the background. */
  checkAccounts(): void;
  /** Waits `SHUTDOWN_DELAY_MS`, then for requests in flight, and closes every listener. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Connections that wait to be accepted, as far as the kernel allows (`net.core.somaxconn`). With Node's default of 511, more
 * that arrive while the event loop is busy are lost, and their clients may wait for a minute.
 */
const BACKLOG = 4_096;

/** Creates the gateway and starts listening. Tests set shorter timeouts of connections. */
export async function startGateway(config: Config, timeouts?: Timeouts): Promise<RunningGateway> {
  const log = createLogger(config);
  const app = await createGateway(config, log, timeouts);
  const directory = app.get(TenantDirectory, { strict: false });
  const management = app.get(Management, { strict: false });
  try {
    await app.listen({ host: config.http.host, port: config.http.port, backlog: BACKLOG });
  } catch (error) {
    await app.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  return {
    url: new URL(await app.getUrl()).origin,
    managementUrl: management.url,
    metrics: app.get(Metrics, { strict: false }),
    log: log.logger,
    accounts: [...directory.accounts.keys()],
    tenantCount: directory.tenantCount,
    reload: () => reload(app, config, log.logger),
    checkAccounts: () => app.get(AccountChecks, { strict: false }).start(),
    close: () => (closed ??= drainAndClose(app, config.http.shutdownDelayMs)),
  };
}

/**
 * Stops as load balancers expect it: they have time to notice before connections are refused, then requests in flight are
 * completed. Only then does the application close, because Apollo would cut them after 10 s.
 */
async function drainAndClose(app: NestFastifyApplication, delayMs: number): Promise<void> {
  app.get(Management, { strict: false }).announceStop();
  const { listener } = app.getHttpAdapter().getInstance();
  listener.announceStop();
  await sleep(delayMs);
  await listener.drain();
  const closing = setInterval(() => listener.closeUnused(), CLOSE_UNUSED_EVERY_MS);
  try {
    await app.close();
  } finally {
    clearInterval(closing);
  }
}
