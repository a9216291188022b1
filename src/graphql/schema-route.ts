import type { FastifyInstance } from 'fastify';
import { type GraphQLSchema, printSchema } from 'graphql';

const MEDIA_TYPE = 'text/plain';

/**
 * Serves the schema at `GET /schema.gql` to every authenticated caller, also where introspection is off. It is not in
 * the OpenAPI document, like the other documents of the gateway.
 */
export function serveSchema(fastify: FastifyInstance, schema: () => GraphQLSchema): void {
  let text: string | undefined;
  fastify.get('/schema.gql', { config: { produces: MEDIA_TYPE } }, (_request, reply) => {
    text ??= `${printSchema(schema())}\n`;
    return reply.type(`${MEDIA_TYPE}; charset=utf-8`).send(text);
  });
}
