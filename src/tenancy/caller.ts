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
import { type Reach, type ReachFilter, reachOf } from './reach.js';
import {
  type ScopeTarget,
  type TenantScope,
  authorizeScope,
  authorizeScopes,
  forbidden,
} from './tenant-scope.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the credentials are verified. */
    principal: Principal | undefined;
  }
}

const ACCESS = 'gateway:access';

/** What a handler declares: the permission that it requires, or that valid credentials suffice. */
type Access = Permission | 'credentials';

/** Declares the permission that a route or resolver requires. The gateway does not start if one declares none. */
export function RequirePermission(permission: Permission): CustomDecorator {
  return SetMetadata(ACCESS, permission);
}

/** Declares that valid credentials suffice. The handler can describe the caller, but cannot get a scope. */
export function RequireCredentials(): CustomDecorator {
  return SetMetadata(ACCESS, 'credentials' satisfies Access);
}

export function declaredAccess(handler: object): Access | undefined {
  return Reflect.getMetadata(ACCESS, handler) as Access | undefined;
}

/** The caller of a handler and the access that the handler declares. The only way to get a scope in a request. */
export class Caller {
  constructor(
    readonly principal: Principal,
    private readonly access: Access,
    readonly context: RequestContext,
  ) {}

  /** Returns the target scope. Throws `NOT_FOUND` if the caller does not own it, `FORBIDDEN` without the permission. */
  authorize(target: ScopeTarget): TenantScope {
    return authorizeScope(this.principal, target, this.#permission, this.context);
  }

  /** Returns the scopes of several numbers of one space. Throws like {@link authorizeScopes}. */
  authorizeAll(
    target: { readonly custSpaceId?: string; readonly businessNumbers?: readonly string[] },
    atMost: number,
  ): readonly TenantScope[] {
    return authorizeScopes(this.principal, target, { permission: this.#permission, atMost }, this.context);
  }

  /** Returns what a list may show. Throws `NOT_FOUND` if the filter names what the caller does not own, or `FORBIDDEN`. */
  reach(filter: ReachFilter): Reach {
    const reach = reachOf(this.principal, filter);
    const permission = this.#permission;
    if (!this.principal.permissions.has(permission)) throw forbidden(permission);
    return reach;
  }

  get #permission(): Permission {
    if (this.access === 'credentials')
      throw new Error('A handler without a permission must not get a scope.');
    return this.access;
  }
}

/** Returns the caller of a handler that declares its access. Throws `UNAUTHENTICATED` if there is none. */
export function callerOf({ principal, gateway }: FastifyRequest, handler: object): Caller {
  const access = declaredAccess(handler);
  if (principal === undefined || access === undefined) {
    throw new GatewayError('UNAUTHENTICATED', 'Credentials are required.');
  }
  return new Caller(principal, access, gateway);
}

/** Returns the value that {@link CurrentCaller} injects. */
export function currentCaller(_: unknown, context: ExecutionContext): Caller {
  return callerOf(requestOf(context), context.getHandler());
}

/**
 * Injects the {@link Caller} into a handler that declares its access. Every handler must take it, so that none runs
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
