import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Config } from '../config/config.js';
import { managementServer } from './management-server.js';
import { Metrics } from './metrics.js';
import { RequestLog } from './request-log.js';

/** Whether what the gateway depends on works: `ok`, or what is wrong and what to do about it. */
export interface ReadinessChecks {
  readonly cacheRedis: string;
  readonly stateRedis: string;
  /** By account of the tenants file. */
  readonly cams: Readonly<Record<string, string>>;
}

/** Serves health and metrics on a separate, non-public listener. */
@Injectable()
export class Management implements OnApplicationBootstrap, OnApplicationShutdown {
  #server: FastifyInstance | undefined;
  #stopping = false;
  #checks: (() => ReadinessChecks) | undefined;

  constructor(
    private readonly config: Config,
    private readonly metrics: Metrics,
    private readonly log: RequestLog,
  ) {}

  /** Base URL of the listener; `undefined` if it is disabled. */
  get url(): string | undefined {
    return this.#server?.listeningOrigin;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { management } = this.config;
    if (!management) return;
    const server = managementServer((ended) => this.log.writeManagement(ended));
    server.get('/health/live', () => ({ status: 'live' }));
    server.get('/health/ready', (_request, reply) => {
      // A failed check never makes it 503: the cause is often the same for every instance, so that no traffic would be left.
      void reply.code(this.#stopping ? 503 : 200);
      return { status: this.#stopping ? 'stopping' : 'ready', checks: this.#checks?.() };
    });
    const { registry } = this.metrics;
    let scrape: Promise<string> | undefined;
    server.get('/metrics', async (_request, reply) => {
      void reply.type(registry.contentType);
      // Shared by those that ask at once: it takes milliseconds.
      scrape ??= registry.metrics().finally(() => (scrape = undefined));
      return scrape;
    });
    await server.listen(management);
    this.#server = server;
  }

  /** Sets what the readiness check reports in its body. */
  reportChecks(checks: () => ReadinessChecks): void {
    this.#checks = checks;
  }

  /** Makes the readiness check fail, so that load balancers stop sending requests. */
  announceStop(): void {
    this.#stopping = true;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#server?.close();
  }
}
