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

/** What the parameters of a handler are taken from; `args`: of a GraphQL field. */
export interface HandlerCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly args?: object;
}

/** A marked handler, with its parameters made as Nest would. Throws or rejects as the handler does. */
export type FastHandlerCall = (call: HandlerCall) => unknown;

type Handler = (...parameters: unknown[]) => unknown;

/** A parameter as Nest's decorators declare it; those of our own have a factory. */
interface Parameter {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: readonly unknown[];
  readonly factory?: unknown;
}

type Bind = (call: HandlerCall) => unknown;

/** Where Nest takes inputs from, as the keys of its metadata begin: `RouteParamtypes` for routes, `GqlParamtype` for queries. */
const ROUTE_INPUTS: Readonly<Record<string, Bind>> = {
  4: ({ request }) => request.query,
  5: ({ request }) => request.params,
};
const QUERY_INPUTS: Readonly<Record<string, Bind>> = { 3: ({ args }) => args };
const RESPONSE = '1';
const HEADERS = '6';

/** Declared by any of these, Nest would do something that nobody else would notice missing. */
const ENHANCERS = [GUARDS_METADATA, PIPES_METADATA, INTERCEPTORS_METADATA, EXCEPTION_FILTERS_METADATA];
// Source: RESOLVER_TYPE_METADATA and RESOLVER_NAME_METADATA of @nestjs/graphql, which does not export them.
const GRAPHQL_TYPE = 'graphql:resolver_type';
const GRAPHQL_NAME = 'graphql:resolver_name';

/** Binds a marked handler. Throws where Nest would do more for it than make parameters of the kinds above. */
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
  // In the order of Nest's metadata, which decides what is refused first where several are wrong.
  const bound = Object.entries(declared).map(([key, parameter]) => ({
    index: parameter.index,
    make: bind(key.split(':')[0] ?? '', parameter),
  }));
  const enhanced = ENHANCERS.some(
    (key) => Reflect.hasMetadata(key, handler) || Reflect.hasMetadata(key, constructor),
  );
  if (enhanced || bound.some(({ make }) => !make))
    throw new Error(`The fast path cannot call ${constructor.name}.${name} as Nest would`);
  return (call) => {
    const parameters = Array<unknown>(bound.length);
    for (const { index, make } of bound) parameters[index] = make?.(call);
    return handler.apply(instance, parameters);
  };
}

/** The GraphQL query that a handler resolves, if it does. */
export function queryOf(_resolver: object, handler: object): string | undefined {
  if (Reflect.getMetadata(GRAPHQL_TYPE, handler) !== 'Query') return undefined;
  return (Reflect.getMetadata(GRAPHQL_NAME, handler) as string | undefined) ?? (handler as Handler).name;
}

/** The `GET` route of a handler as Fastify knows it, if it has one. */
export function routeOf(controller: object, handler: object): string | undefined {
  if (Reflect.getMetadata(METHOD_METADATA, handler) !== RequestMethod.GET) return undefined;
  const parts = [controller, handler].map((target) => String(Reflect.getMetadata(PATH_METADATA, target)));
  const segments = parts.flatMap((part) => part.split('/')).filter(Boolean);
  return `/${segments.join('/')}`;
}
