import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify';
import { sendResult } from '../http/send-result.js';
import type { FastHandlerCall } from './fast-handlers.js';

/** Lets a marked handler respond to `GET` and `HEAD` of its route. To be called when the route is made. */
export function bypassNest(route: RouteOptions, handler: FastHandlerCall): void {
  if (route.method !== 'GET' && route.method !== 'HEAD') return;
  const respond = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    // Nest answers 404 where a segment is empty.
    if (Object.values(request.params as object).includes('')) return done();
    void sendResult(() => handler({ request, reply }), reply);
  };
  route.preHandler = [route.preHandler ?? [], respond].flat();
}
