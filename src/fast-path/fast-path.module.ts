import { Module, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, DiscoveryModule, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Config } from '../config/config.js';
import { ErrorFilter } from '../errors/error.filter.js';
import { InputPipe } from '../http/input.pipe.js';
import { Metrics } from '../telemetry/metrics.js';
import { AdmittedQueries } from './admitted-queries.js';
import { FastHandlers } from './fast-handlers.js';
import { bypassNest } from './fast-routes.js';
import { assertKnownEnhancers } from './known-enhancers.js';
import { QueryExecution } from './query-execution.js';
import { bypassApollo } from './query-fast-path.js';

/** Installs the fast path, unless `FAST_PATH=off`. README.md says what it bypasses, and what still runs. */
@Module({
  imports: [DiscoveryModule],
  providers: [AdmittedQueries, FastHandlers],
  exports: [AdmittedQueries],
})
export class FastPathModule implements OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly queries: AdmittedQueries,
    private readonly handlers: FastHandlers,
    private readonly metrics: Metrics,
    private readonly app: ModuleRef,
  ) {
    if (!config.fastPath) return;
    // Before any route is made; what is installed on a route looks for its handlers when that is made, and they are there.
    this.#the(HttpAdapterHost)
      .httpAdapter.getInstance<FastifyInstance>()
      .addHook('onRoute', (route) => {
        if (route.url === '/graphql') bypassApollo(route, this.queries, this.#execution(), this.metrics);
        else bypassNest(route, this.handlers.routes(this.#the(InputPipe)));
      });
  }

  onModuleInit(): void {
    if (!this.config.fastPath) return;
    assertKnownEnhancers([InputPipe, ErrorFilter], this.#the(ApplicationConfig));
  }

  #execution(): QueryExecution {
    return new QueryExecution(this.handlers.queries(this.#the(InputPipe)), this.#the(ErrorFilter));
  }

  #the<T>(token: new (...args: never[]) => T): T {
    return this.app.get<T>(token, { strict: false });
  }
}
