import { type CustomDecorator, SetMetadata } from '@nestjs/common';

const FAST_HANDLER = 'gateway:fast-handler';

/**
 * Marks a handler that the fast path may call without Nest's pipeline, which for such a handler does nothing but bind
 * its parameters. A marked handler that declares a guard, pipe, interceptor or filter stops the start.
 */
export function FastHandler(): CustomDecorator {
  return SetMetadata(FAST_HANDLER, true);
}

export function isFastHandler(handler: object): boolean {
  return Reflect.getMetadata(FAST_HANDLER, handler) === true;
}
