import { type DynamicModule, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { AuditLog, auditOptions } from './audit-log.js';
import { LoadShedding } from './load-shedding.js';
import type { LogOutput } from './logger.js';
import { Management } from './management.js';
import { Metrics } from './metrics.js';
import { RequestLog } from './request-log.js';

/** Provides logs, metrics and load shedding to every module. */
@Module({})
export class TelemetryModule {
  static with({ logger, output }: LogOutput): DynamicModule {
    return {
      module: TelemetryModule,
      global: true,
      providers: [
        {
          provide: Metrics,
          useFactory: ({ labelsTenant }: Config) => {
            const metrics = new Metrics(labelsTenant);
            output?.on('drop', () => metrics.droppedLogLines.inc());
            return metrics;
          },
          inject: [Config],
        },
        Management,
        LoadShedding,
        {
          provide: RequestLog,
          useFactory: (metrics: Metrics) => new RequestLog(logger, metrics),
          inject: [Metrics],
        },
        {
          provide: AuditLog,
          useFactory: (config: Config, metrics: Metrics) =>
            new AuditLog(logger, metrics, auditOptions(config)),
          inject: [Config, Metrics],
        },
      ],
      exports: [Metrics, Management, LoadShedding, RequestLog, AuditLog],
    };
  }
}
