import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { type Guide, GUIDES } from './guides.js';
import { type Html, html } from './html.js';
import { renderMarkdown, titleOf, withContents } from './markdown.js';
import { PLAIN_PAGE_HEADERS, plainPage } from './page.js';
import { servePage } from './serve-assets.js';
import { type SiteNavOptions, siteNav } from './site-nav.js';

// Relative to this file, because the process may run in any folder.
const DOCS = new URL('../../docs/', import.meta.url);
const NAMES = new Set(GUIDES.flatMap(({ guides }) => guides.map(({ name }) => name)));

/** Serves the guides of `docs/`. Each is read and rendered when it is first requested. */
export function guidePages(fastify: FastifyInstance, options: SiteNavOptions): void {
  for (const guide of GUIDES.flatMap(({ guides }) => guides)) {
    const rendered = plainPage(`/docs/${guide.name}`, () => render(guide, options));
    servePage(fastify, rendered, PLAIN_PAGE_HEADERS);
  }
}

/** Returns where a link in `docs/` leads on the gateway; `undefined` if the gateway does not serve its target. */
export function servedTarget(href: string): string | undefined {
  if (/^(https?:|#|\/)/.test(href)) return href;
  if (href === '../openapi.json') return '/openapi.json';
  const [, name = '', anchor = ''] = /^([a-z-]+)\.md(#.*)?$/.exec(href) ?? [];
  return name === 'errors' || NAMES.has(name) ? `/docs/${name}${anchor}` : undefined;
}

async function render(guide: Guide, options: SiteNavOptions): Promise<[title: string, content: Html]> {
  const markdown = await readFile(new URL(`${guide.name}.md`, DOCS), 'utf8');
  const body = html`${siteNav(options)}
    <div class="guide">
      <main>${withContents(renderMarkdown(markdown, servedTarget))}</main>
      ${guideNav(guide)}
    </div>`;
  return [`${titleOf(markdown)} · Chat group gateway`, body];
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
