import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify';
import { sendResult } from '../http/send-result.js';
import type { FastHandlerCall } from './fast-handlers.js';

/** Makes a marked handler respond to `GET` and `HEAD` of its route. Call it when the route is added. */
export function bypassNest(route: RouteOptions, handler: FastHandlerCall): void {
  if (route.method !== 'GET' && route.method !== 'HEAD') return;
  const respond = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    // Nest returns 404 if a segment is empty.
    if (Object.values(request.params as object).includes('')) return done();
    request.gateway.held?.allowSuspension();
    void sendResult(() => handler({ request, reply }), reply);
  };
  route.preHandler = [route.preHandler ?? [], respond].flat();
}
