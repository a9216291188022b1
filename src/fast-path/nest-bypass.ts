import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import type { ApplicationConfig } from '@nestjs/core';

const DECLARED_BY = [
  GUARDS_METADATA,
  PIPES_METADATA,
  INTERCEPTORS_METADATA,
  EXCEPTION_FILTERS_METADATA,
] as const;

interface Parameter {
  readonly pipes?: readonly unknown[];
}

/**
 * For who calls a handler past Nest: throws if Nest would call a guard, pipe, interceptor or filter for it that is
 * declared at the handler, its class or a parameter. Nobody else would notice that it is not called.
 */
export function assertPlainHandler(instance: object, name: string): void {
  const { constructor } = instance;
  const handler: object = Reflect.get(instance, name);
  const parameters = Object.values(
    (Reflect.getMetadata(ROUTE_ARGS_METADATA, constructor, name) ?? {}) as Record<string, Parameter>,
  );
  const plain =
    DECLARED_BY.every(
      (key) => !Reflect.hasMetadata(key, handler) && !Reflect.hasMetadata(key, constructor),
    ) && parameters.every(({ pipes = [] }) => pipes.length === 0);
  if (!plain)
    throw new Error(
      `${constructor.name}.${name} is called past Nest: it can declare nothing for Nest to call`,
    );
}

/** Throws if Nest would call anything for all handlers but one of these. */
export function assertKnownEnhancers(known: readonly object[], nest: ApplicationConfig): void {
  const others = [
    ...nest.getGlobalGuards(),
    ...nest.getGlobalPipes(),
    ...nest.getGlobalInterceptors(),
    ...nest.getGlobalFilters(),
    ...nest.getGlobalRequestGuards(),
    ...nest.getGlobalRequestPipes(),
    ...nest.getGlobalRequestInterceptors(),
    ...nest.getGlobalRequestFilters(),
  ].filter((enhancer) => !known.includes(enhancer.constructor));
  if (others.length === 0) return;
  throw new Error(
    `Some handlers are called past Nest, which would miss ${others.map(({ constructor }) => constructor.name).join(', ')}`,
  );
}
