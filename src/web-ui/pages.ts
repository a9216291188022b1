import type { FastifyInstance } from 'fastify';
import { errorsPage } from './errors-page.js';
import { FAVICON } from './favicon.js';
import { graphqlIdeAssets } from './graphql-ide.plugin.js';
import { indexPage } from './index-page.js';
import { STYLE } from './page.js';
import { serveAssets } from './serve-assets.js';
import { swaggerUi } from './swagger-ui.js';

export interface PagesOptions {
  /** Whether to serve the files of the GraphQL IDE. Apollo serves its page, through `GraphqlIdePlugin`. */
  readonly ide: boolean;
}

/** Serves all pages for humans: `/`, `/docs`, `/docs/errors` and the files of the GraphQL IDE. */
export function pages(fastify: FastifyInstance, { ide }: PagesOptions): void {
  serveAssets(fastify, [FAVICON, STYLE]);
  indexPage(fastify, { ide });
  errorsPage(fastify);
  swaggerUi(fastify);
  if (ide) graphqlIdeAssets(fastify);
}
