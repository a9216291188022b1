import { PARAMTYPES_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { InputPipe } from '../http/input.pipe.js';
import { callerOf, currentCaller } from '../tenancy/caller.js';

/** What a handler's parameters are taken from. */
export interface HandlerCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Arguments of a GraphQL field. */
  readonly args: object;
}

/** A parameter as Nest's decorators declare it; those of our own have a factory. */
interface Parameter {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: readonly unknown[];
  readonly factory?: unknown;
}

type Bind = (call: HandlerCall) => unknown;

/** Kinds of parameters, as the keys of Nest's metadata begin: `RouteParamtypes`, and `GqlParamtype` for arguments. */
const RESPONSE = '1';
const GRAPHQL_ARGS = '3';
const QUERY = '4';
const PATH = '5';
const HEADERS = '6';

/** Makes the parameters of a handler as Nest's pipeline would. Throws for one that it cannot make. */
export function boundParameters(
  instance: object,
  name: string,
  inputs: InputPipe,
): (call: HandlerCall) => unknown[] {
  const { constructor } = instance;
  const handler: object = Reflect.get(instance, name);
  const types = Reflect.getMetadata(PARAMTYPES_METADATA, instance, name) as readonly Type<object>[];
  const declared = (Reflect.getMetadata(ROUTE_ARGS_METADATA, constructor, name) ?? {}) as Record<
    string,
    Parameter
  >;
  const checked = (index: number, valueOf: (call: HandlerCall) => unknown): Bind => {
    const type = types[index] ?? Object;
    return (call) => inputs.checked(type, valueOf(call));
  };
  const bindOf = (kind: string, { index, data, pipes = [], factory }: Parameter): Bind => {
    const plain = pipes.length === 0;
    if (factory === currentCaller) return ({ request }) => callerOf(request, handler);
    if (plain && kind === RESPONSE) return ({ reply }) => reply;
    if (plain && kind === HEADERS && typeof data === 'string') return ({ request }) => request.headers[data];
    if (plain && data === undefined) {
      if (kind === QUERY) return checked(index, ({ request }) => request.query);
      if (kind === PATH) return checked(index, ({ request }) => request.params);
      if (kind === GRAPHQL_ARGS) return checked(index, ({ args }) => args);
    }
    throw new Error(`The fast path cannot make parameter ${index + 1} of ${constructor.name}.${name}`);
  };
  // In the order of Nest's metadata, which decides what is refused first where several are wrong.
  const bound = Object.entries(declared).map(([key, parameter]) => ({
    index: parameter.index,
    bind: bindOf(key.split(':')[0] ?? '', parameter),
  }));
  return (call) => {
    const values = Array<unknown>(bound.length);
    for (const { index, bind } of bound) values[index] = bind(call);
    return values;
  };
}
