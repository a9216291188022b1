import type { FastifyReply } from 'fastify';

/** Sends an answer, or the error of which it failed, where a hook answers in place of the route. */
export async function sendWhenThere(answer: Promise<unknown>, reply: FastifyReply): Promise<void> {
  try {
    reply.send(await answer);
  } catch (error) {
    reply.send(error);
  }
}
