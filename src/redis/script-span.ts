import type { Span } from '@opentelemetry/api';
import { isTracing, startSpan } from '../tracing/tracing.js';
import type { RedisScript } from './redis-script.js';

/** Begins the span of a script, on the connection of this name. Never with its keys, which contain phone numbers. */
export function startScript({ name }: RedisScript, connection: string): Span | undefined {
  if (!isTracing()) return undefined;
  return startSpan(`EVALSHA ${name}`, 'client', {
    'db.system.name': 'redis',
    'db.operation.name': 'EVALSHA',
    'db.stored_procedure.name': name,
    'gateway.redis': connection,
  });
}
