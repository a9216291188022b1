import type { FastifyInstance } from 'fastify';
import { GUIDES } from './guides.js';
import { type Html, html, prose } from './html.js';
import { PLAIN_PAGE_HEADERS, plainPage } from './page.js';
import { servePage } from './serve-assets.js';
import { type SiteNavOptions, siteNav } from './site-nav.js';

interface Link {
  /** Absent if a browser cannot open it, because it requires credentials. */
  readonly href?: string;
  readonly title: string;
  /** Backticks mark code. */
  readonly text: string;
}

const IDE: Link = {
  href: '/graphql',
  title: 'GraphQL IDE',
  text: 'Write and run queries, with autocompletion and a schema browser.',
};
const APIS: readonly Link[] = [
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
  {
    title: 'schema.gql',
    text: 'The GraphQL schema, which requires credentials: `curl -H "Authorization: Bearer …" https://…/schema.gql`.',
  },
];

/** Serves `/`: links to the other pages. */
export function indexPage(fastify: FastifyInstance, options: SiteNavOptions): void {
  const content = html`${siteNav(options)} ${pageBody(options)}`;
  const index = plainPage('/', async () => ['Chat group gateway', content]);
  servePage(fastify, index, PLAIN_PAGE_HEADERS);
}

function pageBody({ ide }: SiteNavOptions): Html {
  return html`<main>
    <h1>Chat group gateway</h1>
    <p class="lead">
      A multi-tenant GraphQL and REST API for WhatsApp chat groups in Alibaba Cloud Chat App Message Service.
      Authenticate with an API key or a token: <code>Authorization: Bearer …</code>.
    </p>
    ${cards(ide ? [IDE, ...APIS] : APIS)}
    <div id="guides">
      ${GUIDES.map(
        ({ readers, guides }) =>
          html`<h2>${readers}</h2>
            ${cards(guides.map(({ name, title, text }) => ({ href: `/docs/${name}`, title, text })))}`,
      )}
    </div>
  </main>`;
}

function cards(links: readonly Link[]): Html {
  return html`<ul class="cards">
    ${links.map(
      ({ href, title, text }) =>
        html`<li>
          ${href === undefined ? html`<strong>${title}</strong>` : html`<a href="${href}">${title}</a>`}
          <p>${prose(text)}</p>
        </li>`,
    )}
  </ul>`;
}
