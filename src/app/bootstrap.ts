import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { Config } from '../config/config.js';
import { createAdapter } from '../http/adapter.js';
import { serveOpenApiDocument } from './openapi-document.js';
import { createLogger, nestLogger } from '../telemetry/logger.js';
import { Management } from '../telemetry/management.js';
import { Metrics } from '../telemetry/metrics.js';

/** Creates the application without listening. Throws if its settings or handlers are invalid. */
export async function createGateway(config: Config): Promise<NestFastifyApplication> {
  const log = createLogger(config);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, log),
    createAdapter(config),
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
  /** Waits for requests in flight, then closes every listener. Safe to call twice. */
  close(): Promise<void>;
}

/** Creates the gateway and starts listening. */
export async function startGateway(config: Config): Promise<RunningGateway> {
  const app = await createGateway(config);
  const management = app.get(Management, { strict: false });
  try {
    await app.listen({ host: config.http.host, port: config.http.port });
  } catch (error) {
    await app.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  return {
    url: new URL(await app.getUrl()).origin,
    managementUrl: management.url,
    metrics: app.get(Metrics, { strict: false }),
    close: () => (closed ??= drainAndClose(app, management)),
  };
}

/** How often idle connections are closed while requests in flight complete. */
const CLOSE_IDLE_INTERVAL_MS = 50;

async function drainAndClose(app: NestFastifyApplication, management: Management): Promise<void> {
  management.drain();
  const server = app.getHttpServer();
  const closing = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_INTERVAL_MS);
  try {
    await app.close();
  } finally {
    clearInterval(closing);
  }
}
