import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type FastifyInstance, fastify } from 'fastify';
import { Config } from '../config/config.js';
import { Metrics } from './metrics.js';

/** Serves health and metrics on a separate, non-public listener. */
@Injectable()
export class Management implements OnApplicationBootstrap, OnApplicationShutdown {
  #server: FastifyInstance | undefined;
  #draining = false;

  constructor(
    private readonly config: Config,
    private readonly metrics: Metrics,
  ) {}

  /** Base URL of the listener; `undefined` if it is disabled. */
  get url(): string | undefined {
    return this.#server?.listeningOrigin;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { management } = this.config;
    if (!management) return;
    const server = fastify({ forceCloseConnections: true });
    server.setNotFoundHandler((_request, reply) => reply.code(404).send({ status: 'not found' }));
    server.get('/health/live', () => ({ status: 'live' }));
    server.get('/health/ready', (_request, reply) => {
      void reply.code(this.#draining ? 503 : 200);
      return { status: this.#draining ? 'draining' : 'ready' };
    });
    server.get('/metrics', async (_request, reply) => {
      void reply.type(this.metrics.registry.contentType);
      return this.metrics.registry.metrics();
    });
    await server.listen(management);
    this.#server = server;
  }

  /** Makes the readiness check fail, so that load balancers stop sending requests. */
  drain(): void {
    this.#draining = true;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#server?.close();
  }
}
