import type { FastifyInstance, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { type Violation, validationFailed } from '../errors/gateway-error.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the handler reads the query string, and refuses what it does not know. */
    readsQuery?: boolean;
    /** Whether the handler reads the body, and refuses what it does not know. */
    readsBody?: boolean;
  }
}

const API = '/v1/';

/**
 * Makes routes of the API refuse query parameters and fields of bodies that they would ignore: a client that sends a
 * precondition or a filter in the wrong place must not find out by what was deleted.
 */
export function refuseUnusedInput(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (!route.url.startsWith(API)) return;
    const { readsQuery = false, readsBody = false } = route.config ?? {};
    // Bodies of these are not parsed.
    const hasBody = route.method !== 'GET' && route.method !== 'HEAD';
    const rules: ((request: FastifyRequest) => readonly Violation[])[] = [];
    if (!readsQuery) rules.push(unusedParameters);
    if (hasBody && !readsBody) rules.push(unusedBody);
    if (rules.length === 0) return;
    const refuse = (request: FastifyRequest, _reply: unknown, done: HookHandlerDoneFunction): void => {
      const unused = rules.flatMap((rule) => rule(request));
      if (unused.length > 0) throw validationFailed(unused);
      done();
    };
    // Before the fast path, which responds in such a hook.
    route.preHandler = [refuse, route.preHandler ?? []].flat();
  });
}

function unusedParameters({ query }: FastifyRequest): readonly Violation[] {
  return Object.keys(query as object).map((field) => ({ field, message: 'is not a known field' }));
}

/** Some clients send an empty object if there is nothing to say. */
function unusedBody({ body }: FastifyRequest): readonly Violation[] {
  if (body === undefined || body === null) return [];
  if (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0) return [];
  return [{ field: 'body', message: 'must be empty' }];
}
