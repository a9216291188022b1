import { type Html, html } from './html.js';

const LINKS: readonly (readonly [href: string, text: string])[] = [
  ['/#guides', 'Guides'],
  ['/docs', 'REST reference'],
  ['/graphql', 'GraphQL IDE'],
  ['/docs/errors', 'Errors'],
];
const DOCUMENTS: typeof LINKS = [['/openapi.json', 'openapi.json']];

export interface SiteNavOptions {
  /** Whether the gateway serves the GraphQL IDE. */
  readonly ide: boolean;
  /** Whether to link to the OpenAPI document as well. */
  readonly documents?: boolean;
}

/** Returns the bar above every page, with links to the others. */
export function siteNav({ ide, documents = false }: SiteNavOptions): Html {
  const links = [...LINKS, ...(documents ? DOCUMENTS : [])].filter(([href]) => ide || href !== '/graphql');
  return html`<nav class="site" aria-label="Pages">
    <a href="/">Chat group gateway</a>
    ${links.map(([href, text]) => html`<a href="${href}">${text}</a> `)}
  </nav>`;
}

/** The style of the bar, the same on pages that otherwise have a style sheet of their own. */
export const SITE_NAV_STYLE = `nav.site { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; padding: 0.75rem 1.25rem; background: #0b7a5b; font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
nav.site a { color: #fff; text-decoration: none; }
nav.site a:first-child { margin-inline-end: auto; font-weight: 600; }
nav.site a:hover, nav.site a:focus-visible { text-decoration: underline; }
nav.site a:focus-visible { outline: 2px solid #fff; outline-offset: 2px; border-radius: 2px; }
@media (max-width: 34rem) { nav.site a:first-child { flex-basis: 100%; } }
`;
