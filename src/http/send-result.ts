import type { FastifyReply } from 'fastify';

/** Sends the result or the error from a hook that responds instead of the route. */
export async function sendResult(answer: () => unknown, reply: FastifyReply): Promise<void> {
  try {
    reply.send(await answer());
  } catch (error) {
    // Fastify would send a thrown value that is not an Error as a regular response.
    reply.send(error instanceof Error ? error : new Error('thrown value is not an Error', { cause: error }));
  }
}
