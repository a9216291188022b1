import type { FastifyInstance } from 'fastify';
import { html } from './html.js';
import { page, PLAIN_PAGE_HEADERS } from './page.js';
import { type SiteNavOptions, siteNav } from './site-nav.js';

/** Provides the page that browsers get instead of a problem document for URLs that do not exist. */
export function notFoundPage(fastify: FastifyInstance, options: SiteNavOptions): void {
  const { 'Cache-Control': _, ...headers } = PLAIN_PAGE_HEADERS;
  const body = page(
    'Not found · Chat group gateway',
    html`${siteNav(options)}
      <main>
        <h1>Not found</h1>
        <p class="lead">This page does not exist, or you do not have access to it.</p>
        <p><a href="/">All pages of this gateway</a></p>
      </main>`,
  );
  fastify.decorate('notFoundPage', { headers, body });
}
