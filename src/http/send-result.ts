import type { FastifyReply } from 'fastify';

/** Sends an answer, or the error of which it failed, where a hook answers in place of the route. */
export async function sendResult(answer: () => unknown, reply: FastifyReply): Promise<void> {
  try {
    reply.send(await answer());
  } catch (error) {
    // Whatever is no error would be sent as an answer.
    reply.send(error instanceof Error ? error : new Error('no error was thrown', { cause: error }));
  }
}
