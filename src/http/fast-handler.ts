import { type CustomDecorator, SetMetadata } from '@nestjs/common';

const FAST_HANDLER = 'gateway:fast-handler';

/**
 * Marks a handler that the fast path may call without Nest's pipeline, which would only bind its parameters.
 * The gateway does not start if a marked handler declares a guard, pipe, interceptor or filter.
 */
export function FastHandler(): CustomDecorator {
  return SetMetadata(FAST_HANDLER, true);
}

export function isFastHandler(handler: object): boolean {
  return Reflect.getMetadata(FAST_HANDLER, handler) === true;
}
