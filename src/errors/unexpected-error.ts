import { Logger } from '@nestjs/common';
import type { GatewayError } from './gateway-error.js';

const logger = new Logger('ErrorFilter');

/**
 * Logs the cause of an `INTERNAL` error under the ID of the request that it ends, and returns the error. Call it wherever
 * a thrown value becomes an error that a caller sees: nothing else says what happened.
 */
export function loggedIfUnexpected(error: GatewayError, requestId: string | undefined): GatewayError {
  if (error.code === 'INTERNAL')
    logger.error({
      msg: 'unexpected error, a bug in the gateway: report it with this line',
      ...(requestId !== undefined && { requestId }),
      err: error.options.cause ?? error,
    });
  return error;
}
