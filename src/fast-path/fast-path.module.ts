import { Module, type OnModuleInit } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryModule,
  DiscoveryService,
  HttpAdapterHost,
  MetadataScanner,
  ModuleRef,
} from '@nestjs/core';
import type { RouteOptions } from 'fastify';
import { Config } from '../config/config.js';
import { ErrorFilter } from '../errors/error.filter.js';
import { isFastHandler } from '../http/fast-handler.js';
import { InputPipe } from '../http/input.pipe.js';
import { LoadShedding } from '../telemetry/load-shedding.js';
import { Metrics } from '../telemetry/metrics.js';
import { discoveredMethods } from '../util/discovered-methods.js';
import { AdmittedQueries } from './admitted-queries.plugin.js';
import { bypassApollo } from './bypass-apollo.js';
import { bypassNest } from './bypass-nest.js';
import { type FastHandlerCall, bindHandler, queryOf, routeOf } from './fast-handlers.js';
import { QueryExecution } from './query-execution.js';

/** Installs the fast path unless `FAST_PATH=off`. README.md describes what it bypasses and what still runs. */
@Module({ imports: [DiscoveryModule], providers: [AdmittedQueries], exports: [AdmittedQueries] })
export class FastPathModule implements OnModuleInit {
  #routes: ReadonlyMap<string, FastHandlerCall> | undefined;
  #execution: QueryExecution | undefined;

  constructor(
    private readonly config: Config,
    private readonly app: ModuleRef,
  ) {
    // The hook must be added before any route. By the time a route is added, the handlers exist.
    const { httpAdapter } = this.#the(HttpAdapterHost);
    if (config.fastPath)
      httpAdapter.getInstance().addHook('onRoute', (route: RouteOptions) => this.#install(route));
  }

  onModuleInit(): void {
    if (this.config.fastPath) assertNothingIsMissed(this.#the(ApplicationConfig));
  }

  #install(route: RouteOptions): void {
    this.#routes ??= this.#marked(routeOf);
    const handler = this.#routes.get(route.url);
    if (handler) bypassNest(route, handler);
    if (route.url !== '/graphql') return;
    this.#execution ??= new QueryExecution(
      this.#marked(queryOf),
      this.#the(ErrorFilter),
      this.#the(Metrics),
      this.#the(LoadShedding),
    );
    bypassApollo(route, this.#the(AdmittedQueries), this.#execution);
  }

  /** Returns the handlers marked for the fast path, by the key that `keyOf` returns. */
  #marked(keyOf: typeof routeOf): ReadonlyMap<string, FastHandlerCall> {
    const methods = discoveredMethods(this.#the(DiscoveryService), this.#the(MetadataScanner));
    const marked = methods.filter(({ method }) => isFastHandler(method));
    return new Map(
      marked.flatMap(({ instance, name, method }) => {
        const key = keyOf(instance.constructor, method);
        return key === undefined ? [] : [[key, bindHandler(instance, name, this.#the(InputPipe))] as const];
      }),
    );
  }

  #the<T>(token: new (...args: never[]) => T): T {
    return this.app.get<T>(token, { strict: false });
  }
}

/** Throws if Nest has global enhancers other than the pipe and the filter that the fast path also runs. */
function assertNothingIsMissed(nest: ApplicationConfig): void {
  const kinds = ['Guards', 'Pipes', 'Interceptors', 'Filters'] as const;
  const global = kinds.flatMap((kind) => [
    ...nest[`getGlobal${kind}`](),
    ...nest[`getGlobalRequest${kind}`](),
  ]);
  const others = global.filter((one) => !(one instanceof InputPipe || one instanceof ErrorFilter));
  const names = others.map(({ constructor }) => constructor.name).join(', ');
  if (names) throw new Error(`The fast path would skip ${names}: set FAST_PATH=off or add support for it`);
}
