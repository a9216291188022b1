import {
  type ExecutionContext,
  createParamDecorator,
  type CustomDecorator,
  SetMetadata,
} from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import type { GraphqlContext } from '../request/graphql-context.js';
import { GatewayError } from '../errors/gateway-error.js';
import type { RequestContext } from '../request/request-context.js';
import type { Permission } from './permissions.js';
import type { Principal } from './principal.js';
import { type ScopeTarget, type TenantScope, forbidden, authorizeScope } from './tenant-scope.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the credentials are verified. */
    principal: Principal | undefined;
  }
}

const ACCESS = 'gateway:access';

/** Declares the permission that a route or resolver requires. The gateway does not start if one declares none. */
export function RequirePermission(permission: Permission): CustomDecorator {
  return SetMetadata(ACCESS, permission);
}

export function declaredPermission(handler: object): Permission | undefined {
  return Reflect.getMetadata(ACCESS, handler) as Permission | undefined;
}

/** The caller of a handler and the permission that the handler declares. The only way to get a scope in a request. */
export class Caller {
  constructor(
    readonly principal: Principal,
    private readonly permission: Permission,
    readonly context: RequestContext,
  ) {}

  /** Returns the target scope. Throws `NOT_FOUND` if the caller does not own it, `FORBIDDEN` without the permission. */
  authorize(target: ScopeTarget): TenantScope {
    return authorizeScope(this.principal, target, this.permission, this.context);
  }

  /** Checks the permission in handlers without a scope. Throws `FORBIDDEN`. */
  require(): void {
    if (!this.principal.permissions.has(this.permission)) throw forbidden(this.permission);
  }
}

/** Returns the caller of a handler that declares a permission. Throws `UNAUTHENTICATED` if there is none. */
export function callerOf({ principal, gateway }: FastifyRequest, handler: object): Caller {
  const permission = declaredPermission(handler);
  if (principal === undefined || permission === undefined) {
    throw new GatewayError('UNAUTHENTICATED', 'Credentials are required.');
  }
  return new Caller(principal, permission, gateway);
}

/** Returns the value that {@link CurrentCaller} injects. */
export function currentCaller(_: unknown, context: ExecutionContext): Caller {
  return callerOf(requestOf(context), context.getHandler());
}

/**
 * Injects the {@link Caller} into a handler that declares a permission. Every handler must take it, so that none runs
 * without verified credentials. {@link Caller.authorize} checks the permission after ownership, so that another
 * tenant's resource looks like one that does not exist.
 */
export const CurrentCaller = createParamDecorator(currentCaller);

/** Whether a method of the class has a parameter with {@link CurrentCaller}. */
export function takesCaller(type: object, method: string): boolean {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, type, method) ?? {}) as Record<
    string,
    { readonly factory?: unknown }
  >;
  return Object.values(parameters).some(({ factory }) => factory === currentCaller);
}

/** Returns the HTTP request of a REST or GraphQL handler. */
function requestOf(context: ExecutionContext): FastifyRequest {
  return context.getType<'http' | 'graphql'>() === 'graphql'
    ? GqlExecutionContext.create(context).getContext<GraphqlContext>().req
    : context.switchToHttp().getRequest<FastifyRequest>();
}
