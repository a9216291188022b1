import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ListingMemo, withMemo } from '../cache/listing-memo.js';
import { addExamples } from '../openapi/examples.js';
import { errorResponses } from '../openapi/error-responses.js';
import { operationsOf } from '../openapi/operations-of.js';
import { RESPONSE_HEADERS } from '../openapi/response-headers.js';
import { PUBLIC_ROUTE } from '../request/public-route.js';
import { packageVersion } from '../util/package-version.js';
import { standaloneBuffer } from '../util/standalone-buffer.js';

/** Returns the OpenAPI document of the REST API. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Chat group gateway')
    .setDescription(
      'Multi-tenant API for WhatsApp chat groups in Alibaba Cloud Chat App Message Service. Errors are problem details ' +
        '(RFC 9457), listed at /docs/errors. Lengths are counted in code points, after leading and trailing white ' +
        'space of subjects and descriptions is removed.',
    )
    .setVersion(packageVersion())
    .setContact('The operator of this gateway', '', '')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The gateway that serves this document.')
    .addTag('Groups', 'Groups of a business number, with their invite links and members.')
    .addTag('Operations', 'Create operations: CAMS creates groups asynchronously, so poll for the outcome.')
    .addTag('Caller', 'The caller, and what its credentials can access.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key (`cgk_…`) or a JWT.' })
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'An API key.' }, 'apiKey')
    .addSecurityRequirements('bearer')
    .addSecurityRequirements('apiKey');
  return completed(SwaggerModule.createDocument(app, builder.build()));
}

/** Adds what Nest's Swagger cannot generate. */
function completed(document: OpenAPIObject): OpenAPIObject {
  // The builder writes the omitted members of the contact as empty texts, which are not URLs.
  document.info.contact = { name: document.info.contact?.name ?? '' };
  document.components = {
    ...document.components,
    headers: { ...RESPONSE_HEADERS },
    responses: errorResponses(),
  };
  for (const { responses } of operationsOf(document))
    for (const response of Object.values(responses) as { $ref?: string; description?: string }[])
      // An empty description would hide that of the shared response.
      if (response.$ref !== undefined) delete response.description;
  inlineSingleReferences(document.components.schemas);
  addExamples(document);
  return document;
}

/** Replaces `allOf` with a single reference, as OpenAPI 3.0 required, by the reference itself. */
function inlineSingleReferences(schemas: unknown): void {
  if (typeof schemas !== 'object' || schemas === null) return;
  const { allOf } = schemas as { allOf?: readonly { readonly $ref?: string }[] };
  if (allOf?.length === 1 && allOf[0]?.$ref !== undefined) {
    delete (schemas as { allOf?: unknown }).allOf;
    Object.assign(schemas, allOf[0]);
  }
  for (const part of Object.values(schemas)) inlineSingleReferences(part);
}

/** Serves the document at `/openapi.json`. Not in a module, because Nest's Swagger needs the application itself. */
export function serveOpenApiDocument(app: NestFastifyApplication): void {
  // Compressed once: without credentials, anyone could keep the process busy with it.
  const unbounded = new ListingMemo(() => true);
  const document = withMemo(standaloneBuffer(JSON.stringify(openApiDocument(app))), unbounded);
  app
    .getHttpAdapter()
    .getInstance()
    .get('/openapi.json', PUBLIC_ROUTE, (_request, reply) =>
      reply.type('application/json; charset=utf-8').send(document),
    );
}
