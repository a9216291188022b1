import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PUBLIC_ROUTE } from '../request/public-route.js';

/** Returns the OpenAPI document of the REST API. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Chat group gateway')
    .setDescription(
      'Multi-tenant API for WhatsApp chat groups in Alibaba Cloud Chat App Message Service. Errors are problem details ' +
        '(RFC 9457), listed at /docs/errors.',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addTag('Groups', 'Groups of a business number, with their invite links and members.')
    .addTag('Caller', 'The caller and the operations of its tenant.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key (`cgk_…`) or a JWT.' });
  return SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (_controller, method) => method,
  });
}

/** Serves the document at `/openapi.json`. Not in a module, because Nest's Swagger needs the application itself. */
export function serveOpenApiDocument(app: NestFastifyApplication): void {
  const document = JSON.stringify(openApiDocument(app));
  app
    .getHttpAdapter()
    .getInstance()
    .get('/openapi.json', PUBLIC_ROUTE, (_request, reply) =>
      reply.type('application/json; charset=utf-8').send(document),
    );
}
