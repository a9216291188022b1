import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Permission } from './permissions.js';

const ACCESS = 'gateway:access';

/** Declares the permission that a route or resolver needs; one without it stops the start. */
export function RequirePermission(permission: Permission): CustomDecorator {
  return SetMetadata(ACCESS, permission);
}

export function declaredPermission(handler: object): Permission | undefined {
  return Reflect.getMetadata(ACCESS, handler) as Permission | undefined;
}
