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
  text: 'Write and run queries, with autocompletion and a schema browser.',
};
const LINKS: readonly Link[] = [
  {
    href: '/docs',
    title: 'REST reference',
    text: 'Every route with its parameters and responses. Try them in the browser.',
  },
  { href: '/docs/errors', title: 'Errors', text: 'Every error code, its meaning, and how to handle it.' },
  {
    href: '/openapi.json',
    title: 'openapi.json',
    text: 'The REST API as an OpenAPI 3.1 document, for code generators and tools.',
  },
];

/** Serves `/`: links to the other pages. */
export function indexPage(fastify: FastifyInstance, options: { readonly ide: boolean }): void {
  const body = page('Chat group gateway', pageBody(options.ide ? [IDE, ...LINKS] : LINKS));
  fastify.get('/', PAGE_ROUTE, (_request, reply) => reply.headers(PLAIN_PAGE_HEADERS).send(body));
}

function pageBody(links: readonly Link[]) {
  return html`<main>
    <h1>Chat group gateway</h1>
    <p class="lead">
      A multi-tenant GraphQL and REST API for WhatsApp chat groups in Alibaba Cloud Chat App Message Service.
      Authenticate with an API key or a token: <code>Authorization: Bearer …</code>.
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
