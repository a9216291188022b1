import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { type Guide, GUIDES } from './guides.js';
import { type Html, html } from './html.js';
import { renderMarkdown, titleOf, withContents } from './markdown.js';
import { page, PLAIN_PAGE_HEADERS } from './page.js';
import { PAGE_ROUTE } from './page-headers.js';
import { type SiteNavOptions, siteNav } from './site-nav.js';

// Relative to this file, because the process may run in any folder.
const DOCS = new URL('../../docs/', import.meta.url);
const NAMES = new Set(GUIDES.flatMap(({ guides }) => guides.map(({ name }) => name)));

/** Serves the guides of `docs/`. Each is read and rendered when it is first requested. */
export function guidePages(fastify: FastifyInstance, options: SiteNavOptions): void {
  for (const guide of GUIDES.flatMap(({ guides }) => guides)) {
    let rendered: Promise<string> | undefined;
    fastify.get(`/docs/${guide.name}`, PAGE_ROUTE, async (_request, reply) => {
      rendered ??= render(guide, options).catch((error: unknown) => {
        rendered = undefined;
        throw error;
      });
      return reply.headers(PLAIN_PAGE_HEADERS).send(await rendered);
    });
  }
}

/** Returns where a link in `docs/` leads on the gateway; `undefined` if the gateway does not serve its target. */
export function servedTarget(href: string): string | undefined {
  if (/^(https?:|#|\/)/.test(href)) return href;
  if (href === '../openapi.json') return '/openapi.json';
  const [, name = '', anchor = ''] = /^([a-z-]+)\.md(#.*)?$/.exec(href) ?? [];
  return name === 'errors' || NAMES.has(name) ? `/docs/${name}${anchor}` : undefined;
}

async function render(guide: Guide, options: SiteNavOptions): Promise<string> {
  const markdown = await readFile(new URL(`${guide.name}.md`, DOCS), 'utf8');
  const body = html`${siteNav(options)}
    <div class="guide">
      <main>${withContents(renderMarkdown(markdown, servedTarget))}</main>
      ${guideNav(guide)}
    </div>`;
  return page(`${titleOf(markdown)} · Chat group gateway`, body);
}

function guideNav(current: Guide): Html {
  return html`<nav aria-label="Guides" class="guides">
    ${GUIDES.map(
      ({ readers, guides }) =>
        html`<h2>${readers}</h2>
          <ul>
            ${guides.map(({ name, title }) =>
              name === current.name
                ? html`<li><a href="/docs/${name}" aria-current="page">${title}</a></li>`
                : html`<li><a href="/docs/${name}">${title}</a></li>`,
            )}
          </ul>`,
    )}
  </nav>`;
}
