import accepts from '@fastify/accepts';
import cors from '@fastify/cors';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { AppModule } from './app.module.js';
import type { Config } from '../config/config.js';
import { createAdapter } from '../http/adapter.js';
import { installRequestContext, installRequestHooks } from '../http/request-hooks.js';
import { RouteTable } from '../http/route-table.js';
import { securityHeaders } from '../http/security-headers.js';
import { openApiDocument } from './openapi-document.js';
import { pages } from '../web-ui/pages.js';
import { TenantRateLimit } from '../rate-limit/tenant-rate-limit.js';
import { createLogger, nestLogger } from '../telemetry/logger.js';
import { Management } from '../telemetry/management.js';
import { Metrics } from '../telemetry/metrics.js';
import { RequestLog } from '../telemetry/request-log.js';
import { Authenticator } from '../tenancy/auth/authenticator.js';

const EXPOSED_HEADERS =
  'ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Coherence, Idempotency-Replayed, Age, Cache-Status';

/** The whole application, not yet listening. Throws what is wrong with its settings or handlers. */
export async function createGateway(config: Config): Promise<NestFastifyApplication> {
  const { logger, output } = createLogger(config);
  const adapter = createAdapter(config);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(config, logger), adapter, {
    logger: nestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  const metrics = app.get(Metrics, { strict: false });
  output?.on('drop', () => metrics.droppedLogLines.inc());
  const fastify = adapter.getInstance<FastifyInstance>();
  const routes = new RouteTable(fastify);
  await fastify.register(accepts);
  installRequestContext(fastify, { config, routes }, await securityHeaders());
  if (config.http.corsOrigins.length > 0) {
    await fastify.register(cors, {
      // Requests for OPTIONS that are no preflights have been refused by then, in the words of the catalogue.
      strictPreflight: false,
      origin: [...config.http.corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
      exposedHeaders: EXPOSED_HEADERS,
      maxAge: 600,
    });
  }
  installRequestHooks(fastify, {
    config,
    routes,
    authenticator: app.get(Authenticator, { strict: false }),
    rateLimit: app.get(TenantRateLimit, { strict: false }),
    log: app.get(RequestLog, { strict: false }),
  });
  await fastify.register(pages, { ide: config.graphql.ide });
  const document = JSON.stringify(openApiDocument(app));
  fastify.get('/openapi.json', { config: { public: true } }, (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(document),
  );
  return app;
}

export interface RunningGateway {
  /** Base URL of the public listener. */
  readonly url: string;
  readonly managementUrl: string | undefined;
  /** What the management listener tells of it. */
  readonly metrics: Metrics;
  /** Ends requests under way, then every listener. Safe to call twice. */
  close(): Promise<void>;
}

/** Starts listening. */
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

/** How often connections that have become idle are closed while requests under way end. */
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
