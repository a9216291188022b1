import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/constants.js';
import { Injectable, RequestMethod } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { isFastHandler } from '../http/fast-handler.js';
import { InputPipe } from '../http/input.pipe.js';
import { type HandlerCall, boundParameters } from './bound-parameters.js';

/** A marked handler: it is called with what its parameters are taken from. Throws or rejects as the handler does. */
export type FastHandlerCall = (call: HandlerCall) => Promise<unknown>;

interface MarkedHandler {
  readonly instance: object;
  readonly name: string;
  readonly handler: Handler;
  readonly call: FastHandlerCall;
}

/** Declared by any of these, Nest's pipeline would do something that nobody else would notice missing. */
const ENHANCERS = [GUARDS_METADATA, PIPES_METADATA, INTERCEPTORS_METADATA, EXCEPTION_FILTERS_METADATA];

// Source: RESOLVER_TYPE_METADATA and RESOLVER_NAME_METADATA of @nestjs/graphql, which does not export them.
const GRAPHQL_TYPE = 'graphql:resolver_type';
const GRAPHQL_NAME = 'graphql:resolver_name';

/** The handlers that are marked for the fast path. Throws where Nest would do more for one than bind its parameters. */
@Injectable()
export class FastHandlers {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** Handlers of GraphQL queries, by field. */
  queries(inputs: InputPipe): ReadonlyMap<string, FastHandlerCall> {
    return new Map(
      this.#marked(this.discovery.getProviders(), inputs).flatMap(({ handler, call, name }) =>
        Reflect.getMetadata(GRAPHQL_TYPE, handler) === 'Query'
          ? [[String(Reflect.getMetadata(GRAPHQL_NAME, handler) ?? name), call] as const]
          : [],
      ),
    );
  }

  /** Handlers of `GET` routes, by the path that Fastify knows. */
  routes(inputs: InputPipe): ReadonlyMap<string, FastHandlerCall> {
    return new Map(
      this.#marked(this.discovery.getControllers(), inputs).flatMap(({ instance, handler, call }) =>
        Reflect.getMetadata(METHOD_METADATA, handler) === RequestMethod.GET
          ? [[pathOf(instance.constructor, handler), call] as const]
          : [],
      ),
    );
  }

  #marked(wrappers: readonly { readonly instance: unknown }[], inputs: InputPipe): MarkedHandler[] {
    return wrappers.flatMap(({ instance }) => {
      if (typeof instance !== 'object' || instance === null) return [];
      const prototype = Object.getPrototypeOf(instance) as object | null;
      const names = prototype === null ? [] : this.scanner.getAllMethodNames(prototype);
      return names.flatMap((name) => {
        const handler: unknown = Reflect.get(instance, name);
        return typeof handler === 'function' && isFastHandler(handler)
          ? [
              {
                instance,
                name,
                handler: handler as Handler,
                call: callOf(instance, name, handler as Handler, inputs),
              },
            ]
          : [];
      });
    });
  }
}

type Handler = (...args: unknown[]) => unknown;

function callOf(instance: object, name: string, handler: Handler, inputs: InputPipe): FastHandlerCall {
  const { constructor } = instance;
  const enhanced = ENHANCERS.some(
    (key) => Reflect.hasMetadata(key, handler) || Reflect.hasMetadata(key, constructor),
  );
  if (enhanced)
    throw new Error(`${constructor.name}.${name} is a fast handler: it can declare nothing for Nest to call`);
  const parametersOf = boundParameters(instance, name, inputs);
  return async (call) => handler.apply(instance, parametersOf(call));
}

function pathOf(controller: object, handler: object): string {
  const parts = [controller, handler].map((target) => String(Reflect.getMetadata(PATH_METADATA, target)));
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}
