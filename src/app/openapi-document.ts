import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PUBLIC_ROUTE } from '../request/public-route.js';

/** The description of the REST surface. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Chat group gateway')
    .setDescription(
      'WhatsApp chat groups of Alibaba Cloud Chat App Message Service, for many tenants. Errors are problem details ' +
        '(RFC 9457) of the catalogue at /docs/errors.',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addTag('Groups', 'Groups of a business number, their links and members.')
    .addTag('Caller', 'Who calls, and the operations of their tenant.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key (`cgk_…`) or a JWT.' });
  return SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (_controller, method) => method,
  });
}

/** Serves the description at `/openapi.json`. Not from a module: Nest's Swagger takes the application itself. */
export function serveOpenApiDocument(app: NestFastifyApplication): void {
  const document = JSON.stringify(openApiDocument(app));
  app
    .getHttpAdapter()
    .getInstance()
    .get('/openapi.json', PUBLIC_ROUTE, (_request, reply) =>
      reply.type('application/json; charset=utf-8').send(document),
    );
}
