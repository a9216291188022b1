import accepts from '@fastify/accepts';
import cors from '@fastify/cors';
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE, HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Config } from '../config/config.js';
import { ErrorFilter } from '../errors/error.filter.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { LoadShedding } from '../telemetry/load-shedding.js';
import { TenancyModule } from '../tenancy/tenancy.module.js';
import { Admission } from './admission.js';
import { corsOptions } from './cors.js';
import { announceDeprecations } from './deprecated.js';
import { InputPipe } from './input.pipe.js';
import { chooseResponseVariants } from './response-variants.js';
import { RequestHooks } from './request-hooks.js';
import { RouteTable } from './route-table.js';
import { SECURITY_HEADERS, securityHeaders } from './security-headers.js';
import { refuseUnusedInput } from './unused-input.js';
import { shedWrites } from './write-shedding.js';

/** Request processing common to REST and GraphQL: the Fastify hooks, and the only Nest pipe and filter. */
@Module({
  imports: [TenancyModule, RateLimitModule],
  providers: [
    {
      provide: RouteTable,
      inject: [HttpAdapterHost],
      useFactory: ({ httpAdapter }: HttpAdapterHost) => new RouteTable(httpAdapter.getInstance()),
    },
    { provide: SECURITY_HEADERS, useFactory: securityHeaders },
    RequestHooks,
    Admission,
    InputPipe,
    { provide: APP_PIPE, useExisting: InputPipe },
    ErrorFilter,
    { provide: APP_FILTER, useExisting: ErrorFilter },
  ],
  exports: [InputPipe, ErrorFilter],
})
export class HttpModule {
  /**
   * Adds the hooks in the order in which they run, without awaiting, so that they apply from the first route on.
   * In `onModuleInit`, awaiting a plugin would seal the routes before Nest has set their error handler.
   */
  constructor(
    host: HttpAdapterHost,
    { http }: Config,
    requests: RequestHooks,
    admission: Admission,
    shedding: LoadShedding,
  ) {
    const fastify = host.httpAdapter.getInstance<FastifyInstance>();
    void fastify.register(accepts);
    requests.install(fastify);
    announceDeprecations(fastify);
    refuseUnusedInput(fastify);
    chooseResponseVariants(fastify);
    if (http.corsOrigins === 'loopback' || http.corsOrigins.length > 0)
      void fastify.register(cors, corsOptions(http.corsOrigins));
    fastify.after(() => {
      admission.install(fastify);
      shedWrites(fastify, shedding);
    });
  }
}
