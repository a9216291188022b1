import type { FastifyInstance } from 'fastify';
import { html } from './html.js';
import { page, PLAIN_PAGE_HEADERS } from './page.js';
import { PAGE_ROUTE } from './page-headers.js';

interface Link {
  readonly href: string;
  readonly title: string;
  readonly text: string;
}

const IDE: Link = {
  href: '/graphql',
  title: 'GraphQL IDE',
  text: 'Write and run queries, with completion and the schema at hand.',
};
const LINKS: readonly Link[] = [
  {
    href: '/docs',
    title: 'REST reference',
    text: 'Every route with its fields and answers; try them in place.',
  },
  { href: '/docs/errors', title: 'Errors', text: 'Every code, what it means, and what to do about it.' },
  {
    href: '/openapi.json',
    title: 'openapi.json',
    text: 'The REST surface as OpenAPI 3.1, for generators and tools.',
  },
];

/** Serves `/`: where a human who opens the gateway's address can go from there. */
export function indexPage(fastify: FastifyInstance, options: { readonly ide: boolean }): void {
  const body = page('Chat group gateway', pageBody(options.ide ? [IDE, ...LINKS] : LINKS));
  fastify.get('/', PAGE_ROUTE, (_request, reply) => reply.headers(PLAIN_PAGE_HEADERS).send(body));
}

function pageBody(links: readonly Link[]) {
  return html`<main>
    <h1>Chat group gateway</h1>
    <p class="lead">
      WhatsApp chat groups of Alibaba Cloud Chat App Message Service, for many tenants, over GraphQL and REST.
      Calls carry an API key or a token as <code>Authorization: Bearer …</code>.
    </p>
    <ul class="cards">
      ${links.map(
        ({ href, title, text }) =>
          html`<li>
            <a href="${href}">${title}</a>
            <p>${text}</p>
          </li>`,
      )}
    </ul>
  </main>`;
}
