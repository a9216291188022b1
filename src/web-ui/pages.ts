import type { FastifyInstance } from 'fastify';
import { errorsPage } from './errors-page.js';
import { FAVICON } from './favicon.js';
import { graphqlIdeAssets } from './graphql-ide.plugin.js';
import { indexPage } from './index-page.js';
import { STYLE } from './page.js';
import { serveAssets } from './serve-assets.js';
import { swaggerUi } from './swagger-ui.js';

export interface PagesOptions {
  /** Serve the files of the GraphQL IDE; its page comes from Apollo, by `graphqlIdePlugin`. */
  readonly ide: boolean;
}

/** Every page for humans, all from this process: `/`, `/docs`, `/docs/errors` and the files of the GraphQL IDE. */
export async function pages(fastify: FastifyInstance, { ide }: PagesOptions): Promise<void> {
  serveAssets(fastify, [FAVICON, STYLE]);
  indexPage(fastify, { ide });
  errorsPage(fastify);
  await swaggerUi(fastify);
  if (ide) graphqlIdeAssets(fastify);
}

// Without a context of its own, as Fastify calls it: the IDE's headers must reach the route that Apollo owns.
Object.assign(pages, { [Symbol.for('skip-override')]: true });
