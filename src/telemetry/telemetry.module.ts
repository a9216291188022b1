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
          useFactory: () => {
            const metrics = new Metrics();
            output?.on('drop', () => metrics.droppedLogLines.inc());
            return metrics;
          },
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
          useFactory: (config: Config, { registry }: Metrics) =>
            new AuditLog(logger, registry, auditOptions(config)),
          inject: [Config, Metrics],
        },
      ],
      exports: [Metrics, Management, LoadShedding, RequestLog, AuditLog],
    };
  }
}
