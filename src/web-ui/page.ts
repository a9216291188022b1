import { Asset } from './asset.js';
import { FAVICON } from './favicon.js';
import { GUIDE_STYLE } from './guide-style.js';
import { type Html, html } from './html.js';
import { pageHeaders } from './page-headers.js';
import { PAGE_STYLE } from './page-style.js';
import { SITE_NAV_STYLE } from './site-nav.js';

/** The style sheet of the plain HTML pages. */
export const STYLE = Asset.ofText(
  '/docs/assets/page-*.css',
  'text/css; charset=utf-8',
  `${PAGE_STYLE}${SITE_NAV_STYLE}${GUIDE_STYLE}`,
);

/** Headers of a page without scripts. */
export const PLAIN_PAGE_HEADERS = pageHeaders({ 'style-src': "'self'", 'img-src': "'self'" });

/** Returns a plain page at `path`; `render` returns its title and content. */
export function plainPage(
  path: string,
  render: () => Promise<readonly [title: string, content: Html]>,
): Asset {
  return new Asset(path, 'text/html; charset=utf-8', async () => page(...(await render())));
}

/** Returns a complete plain HTML page with `content`. */
export function page(title: string, content: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="${FAVICON.path}" />
        <link rel="stylesheet" href="${STYLE.path}" />
      </head>
      <body>
        ${content}
      </body>
    </html>`.markup;
}
