import { type DynamicModule, Module } from '@nestjs/common';
import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import { ChatGroupsModule } from '../chat-groups/chat-groups.module.js';
import { Config } from '../config/config.js';
import { ConfigModule } from '../config/config.module.js';
import { AdmittedQueries, queryAdmission } from '../fast-path/admitted-queries.plugin.js';
import { FastPathModule } from '../fast-path/fast-path.module.js';
import { graphqlOptions } from '../graphql/graphql-options.js';
import { GraphqlRequestsModule } from '../graphql/graphql-requests.module.js';
import { PersistedQueries } from '../graphql/persisted-queries.js';
import { HttpModule } from '../http/http.module.js';
import { ReadinessModule } from '../readiness/readiness.module.js';
import { LoadShedding } from '../telemetry/load-shedding.js';
import type { LogOutput } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { TelemetryModule } from '../telemetry/telemetry.module.js';
import { WebUiModule } from '../web-ui/web-ui.module.js';

/** The composition root. */
@Module({})
export class AppModule {
  static with(config: Config, log: LogOutput): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        TelemetryModule.with(log),
        HttpModule,
        WebUiModule,
        ChatGroupsModule,
        ReadinessModule,
        GraphQLModule.forRootAsync<ApolloDriverConfig>({
          driver: ApolloDriver,
          imports: [FastPathModule, GraphqlRequestsModule],
          inject: [Config, PersistedQueries, LoadShedding, AdmittedQueries, Metrics],
          useFactory: (
            settings: Config,
            persisted: PersistedQueries,
            shedding: LoadShedding,
            queries: AdmittedQueries,
            metrics: Metrics,
          ) =>
            graphqlOptions(settings, persisted, shedding, [
              queryAdmission(settings.fastPath ? queries : undefined, metrics) as ApolloServerPlugin,
            ]),
        }),
      ],
    };
  }
}
