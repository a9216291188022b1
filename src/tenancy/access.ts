import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Permission } from './permissions.js';

const ACCESS = 'gateway:access';

/** `public`: anybody, without credentials. */
export type Access = Permission | 'public';

/** Declares the permission that a route or resolver needs; one without it stops the start. */
export function RequirePermission(permission: Permission): CustomDecorator {
  return SetMetadata(ACCESS, permission);
}

/** Opens a route to everybody: documentation only. */
export function Public(): CustomDecorator {
  return SetMetadata(ACCESS, 'public');
}

export function declaredAccess(handler: object): Access | undefined {
  return Reflect.getMetadata(ACCESS, handler) as Access | undefined;
}
