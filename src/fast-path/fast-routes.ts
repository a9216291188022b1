import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify';
import type { FastHandlerCall } from './fast-handlers.js';
import { sendResult } from './send-result.js';

const NO_ARGS = {};

/** Lets a marked handler respond to `GET` and `HEAD` of its route. To be called when the route is made. */
export function bypassNest(route: RouteOptions, handlers: ReadonlyMap<string, FastHandlerCall>): void {
  const handler = handlers.get(route.url);
  if (!handler || (route.method !== 'GET' && route.method !== 'HEAD')) return;
  const respond = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    // Nest answers 404 where a segment is empty.
    if (Object.values(request.params as object).includes('')) return done();
    void sendResult(() => handler({ request, reply, args: NO_ARGS }), reply);
  };
  route.preHandler = [route.preHandler ?? [], respond].flat();
}
