import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import type { Logger } from 'pino';
import { ChatGroupsModule } from '../chat-groups/chat-groups.module.js';
import { ErrorFilter } from '../errors/error.filter.js';
import { InputPipe } from '../http/input.pipe.js';
import { type Config, SANDBOX_DEMO_KEY } from '../config/config.js';
import { ConfigModule } from '../config/config.module.js';
import { AdmittedQueries } from '../fast-path/admitted-queries.js';
import { FastPathModule } from '../fast-path/fast-path.module.js';
import { queryAdmission } from '../fast-path/query-admission.plugin.js';
import { graphqlOptions } from '../graphql/graphql-options.js';
import { type GraphqlIdeOptions, graphqlIdePlugin } from '../web-ui/graphql-ide.plugin.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { Metrics } from '../telemetry/metrics.js';
import { TelemetryModule } from '../telemetry/telemetry.module.js';
import { AccessCheck } from '../tenancy/access-check.js';
import { AccessGuard } from '../tenancy/access.guard.js';
import { TenancyModule } from '../tenancy/tenancy.module.js';

/** The composition root: one guard, one pipe and one filter serve both transports. */
@Module({})
export class AppModule {
  static with(config: Config, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        TelemetryModule.with(logger),
        DiscoveryModule,
        TenancyModule,
        RateLimitModule,
        ChatGroupsModule,
        GraphQLModule.forRootAsync<ApolloDriverConfig>({
          driver: ApolloDriver,
          imports: [FastPathModule],
          inject: [AdmittedQueries, Metrics],
          useFactory: (queries: AdmittedQueries, metrics: Metrics) =>
            graphqlOptions(config, [
              queryAdmission(config.fastPath ? queries : undefined, metrics),
              ...(config.graphql.ide ? [graphqlIdePlugin(ideOptions(config))] : []),
            ]),
        }),
      ],
      providers: [
        AccessCheck,
        { provide: APP_GUARD, useClass: AccessGuard },
        InputPipe,
        { provide: APP_PIPE, useExisting: InputPipe },
        ErrorFilter,
        { provide: APP_FILTER, useExisting: ErrorFilter },
      ],
    };
  }
}

// With the sandbox everybody may use the demo key: the first query works as it stands.
function ideOptions({ sandbox }: Config): GraphqlIdeOptions {
  return sandbox
    ? { defaultHeaders: JSON.stringify({ Authorization: `Bearer ${SANDBOX_DEMO_KEY}` }, null, 2) }
    : {};
}
