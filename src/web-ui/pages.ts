import type { FastifyInstance } from 'fastify';
import { errorsPage } from './errors-page.js';
import { FAVICON } from './favicon.js';
import { type GraphqlIdeOptions, graphqlIde } from './graphql-ide.js';
import { guidePages } from './guide-pages.js';
import { indexPage } from './index-page.js';
import { notFoundPage } from './not-found-page.js';
import { STYLE } from './page.js';
import { serveAssets } from './serve-assets.js';
import { swaggerUi } from './swagger-ui.js';

export interface PagesOptions {
  /** `false` to serve no GraphQL IDE. */
  readonly ide: GraphqlIdeOptions | false;
  /** An API key that anyone may use, which the REST reference is authorized with. */
  readonly demoKey?: string;
}

/** Serves all pages for humans: `/`, `/docs`, the guides, `/docs/errors`, the GraphQL IDE, and the page for 404. */
export function pages(fastify: FastifyInstance, { ide, demoKey }: PagesOptions): void {
  const options = { ide: ide !== false };
  serveAssets(fastify, [FAVICON, STYLE]);
  indexPage(fastify, options);
  guidePages(fastify, options);
  errorsPage(fastify, options);
  notFoundPage(fastify, options);
  swaggerUi(fastify, { ...options, ...(demoKey !== undefined && { demoKey }) });
  if (ide) graphqlIde(fastify, ide);
}
