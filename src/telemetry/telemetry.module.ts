import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../config/config.js';
import { AuditLog, auditOptions } from './audit-log.js';
import { Management } from './management.js';
import { Metrics } from './metrics.js';
import { RequestLog } from './request-log.js';

/** Settings, logs and metrics, for every module. */
@Module({})
export class TelemetryModule {
  static with(config: Config, logger: Logger): DynamicModule {
    return {
      module: TelemetryModule,
      global: true,
      providers: [
        { provide: Config, useValue: config },
        Metrics,
        Management,
        {
          provide: RequestLog,
          useFactory: (metrics: Metrics) => new RequestLog(logger, metrics),
          inject: [Metrics],
        },
        {
          provide: AuditLog,
          useFactory: ({ registry }: Metrics) => new AuditLog(logger, registry, auditOptions(config)),
          inject: [Metrics],
        },
      ],
      exports: [Config, Metrics, Management, RequestLog, AuditLog],
    };
  }
}
