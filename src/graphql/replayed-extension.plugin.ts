import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyRequest } from 'fastify';

/** Adds `idempotencyReplayed` to `extensions`: the equivalent of the REST header `Idempotency-Replayed`. */
export function replayedExtension(): ApolloServerPlugin<{ req: FastifyRequest }> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ contextValue, response }) => {
        const { body } = response;
        if (body.kind !== 'single' || !contextValue.req.gateway.idempotencyReplayed) return;
        body.singleResult.extensions = { ...body.singleResult.extensions, idempotencyReplayed: true };
      },
    }),
  };
}
