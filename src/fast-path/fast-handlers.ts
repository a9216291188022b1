import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  METHOD_METADATA,
  PARAMTYPES_METADATA,
  PATH_METADATA,
  PIPES_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RequestMethod, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { InputPipe } from '../http/input.pipe.js';
import { callerOf, currentCaller } from '../tenancy/caller.js';

/** Sources of a handler's parameters. `args` are those of a GraphQL field. */
export interface HandlerCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly args?: object;
}

/** Calls a marked handler with the same parameters as Nest. Throws or rejects like the handler. */
export type FastHandlerCall = (call: HandlerCall) => unknown;

type Handler = (...parameters: unknown[]) => unknown;

/** A parameter as declared by Nest's decorators. Custom decorators have a factory. */
interface Parameter {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: readonly unknown[];
  readonly factory?: unknown;
}

type Bind = (call: HandlerCall) => unknown;

/** Sources of Nest's inputs by prefix of the metadata key: `RouteParamtypes` for routes, `GqlParamtype` for queries. */
const ROUTE_INPUTS: Readonly<Record<string, Bind>> = {
  4: ({ request }) => request.query,
  5: ({ request }) => request.params,
};
const QUERY_INPUTS: Readonly<Record<string, Bind>> = { 3: ({ args }) => args };
const RESPONSE = '1';
const HEADERS = '6';

/** Metadata of enhancers, which Nest would run and the fast path would silently skip. */
const ENHANCERS = [GUARDS_METADATA, PIPES_METADATA, INTERCEPTORS_METADATA, EXCEPTION_FILTERS_METADATA];
// Source: RESOLVER_TYPE_METADATA and RESOLVER_NAME_METADATA of @nestjs/graphql, which does not export them.
const GRAPHQL_TYPE = 'graphql:resolver_type';
const GRAPHQL_NAME = 'graphql:resolver_name';

/** Binds a marked handler. Throws if Nest would do anything other than bind parameters of the kinds above. */
export function bindHandler(instance: object, name: string, inputs: InputPipe): FastHandlerCall {
  const { constructor } = instance;
  const handler = Reflect.get(instance, name) as Handler;
  const types = Reflect.getMetadata(PARAMTYPES_METADATA, instance, name) as readonly Type<object>[];
  const isRoute = Reflect.hasMetadata(METHOD_METADATA, handler);
  const bind = (kind: string, { index, data, pipes = [], factory }: Parameter): Bind | undefined => {
    if (factory === currentCaller) return ({ request }) => callerOf(request, handler);
    if (factory || pipes.length > 0) return undefined;
    if (isRoute && kind === RESPONSE) return ({ reply }) => reply;
    if (isRoute && kind === HEADERS && typeof data === 'string')
      return ({ request }) => request.headers[data];
    const input = data === undefined ? (isRoute ? ROUTE_INPUTS : QUERY_INPUTS)[kind] : undefined;
    return (
      input &&
      ((call) => inputs.checked(types[index] ?? Object, input(call), isRoute ? call.request.url : undefined))
    );
  };
  const declared = (Reflect.getMetadata(ROUTE_ARGS_METADATA, constructor, name) ?? {}) as Record<
    string,
    Parameter
  >;
  // In the order of Nest's metadata, which determines the reported error if several parameters are invalid.
  const bound = Object.entries(declared).map(([key, parameter]) => ({
    index: parameter.index,
    make: bind(key.split(':')[0] ?? '', parameter),
  }));
  const enhanced = ENHANCERS.some(
    (key) => Reflect.hasMetadata(key, handler) || Reflect.hasMetadata(key, constructor),
  );
  if (enhanced || bound.some(({ make }) => !make))
    throw new Error(`The fast path cannot call ${constructor.name}.${name} like Nest does`);
  return (call) => {
    const parameters = Array<unknown>(bound.length);
    for (const { index, make } of bound) parameters[index] = make?.(call);
    return handler.apply(instance, parameters);
  };
}

/** Returns the GraphQL query that a handler resolves, if any. */
export function queryOf(_resolver: object, handler: object): string | undefined {
  if (Reflect.getMetadata(GRAPHQL_TYPE, handler) !== 'Query') return undefined;
  return (Reflect.getMetadata(GRAPHQL_NAME, handler) as string | undefined) ?? (handler as Handler).name;
}

/** Returns the `GET` route of a handler in Fastify's form, if any. */
export function routeOf(controller: object, handler: object): string | undefined {
  if (Reflect.getMetadata(METHOD_METADATA, handler) !== RequestMethod.GET) return undefined;
  const parts = [controller, handler].map((target) => String(Reflect.getMetadata(PATH_METADATA, target)));
  const segments = parts.flatMap((part) => part.split('/')).filter(Boolean);
  return `/${segments.join('/')}`;
}
