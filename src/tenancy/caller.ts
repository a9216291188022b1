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
    /** Set once credentials were verified. */
    principal: Principal | undefined;
  }
}

const ACCESS = 'gateway:access';

/** Declares the permission that a route or resolver needs; one without it stops the start. */
export function RequirePermission(permission: Permission): CustomDecorator {
  return SetMetadata(ACCESS, permission);
}

export function declaredPermission(handler: object): Permission | undefined {
  return Reflect.getMetadata(ACCESS, handler) as Permission | undefined;
}

/** Who called a handler, with the permission that the handler declares: the only door to a scope in a request. */
export class Caller {
  constructor(
    readonly principal: Principal,
    private readonly permission: Permission,
    readonly context: RequestContext,
  ) {}

  /** The scope named by the target. Throws `NOT_FOUND` when it is not the caller's, then `FORBIDDEN`. */
  authorize(target: ScopeTarget): TenantScope {
    return authorizeScope(this.principal, target, this.permission, this.context);
  }

  /** For handlers without a scope. Throws `FORBIDDEN`. */
  require(): void {
    if (!this.principal.permissions.has(this.permission)) throw forbidden(this.permission);
  }
}

/** Who calls a handler that declares a permission. Throws `UNAUTHENTICATED` where that is nobody. */
export function callerOf({ principal, gateway }: FastifyRequest, handler: object): Caller {
  const permission = declaredPermission(handler);
  if (principal === undefined || permission === undefined) {
    throw new GatewayError('UNAUTHENTICATED', 'Credentials are required.');
  }
  return new Caller(principal, permission, gateway);
}

/** What {@link CurrentCaller} injects. */
export function currentCaller(_: unknown, context: ExecutionContext): Caller {
  return callerOf(requestOf(context), context.getHandler());
}

/**
 * Injects the {@link Caller} into a handler that declares a permission. Every handler takes it, so that none runs
 * without verified credentials; the permission itself is judged by {@link Caller.authorize}, after ownership, so that a
 * foreign resource is answered like one that does not exist.
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

/** The HTTP request behind a handler, whichever transport it serves. */
function requestOf(context: ExecutionContext): FastifyRequest {
  return context.getType<'http' | 'graphql'>() === 'graphql'
    ? GqlExecutionContext.create(context).getContext<GraphqlContext>().req
    : context.switchToHttp().getRequest<FastifyRequest>();
}
