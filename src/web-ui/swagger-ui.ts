import type { FastifyInstance } from 'fastify';
import { Asset } from './asset.js';
import { FAVICON } from './favicon.js';
import { html } from './html.js';
import { InstalledPackage } from './installed-package.js';
import { PAGE_ROUTE, pageHeaders } from './page-headers.js';
import { serveAssets } from './serve-assets.js';
import { type SiteNavOptions, siteNav } from './site-nav.js';
import { SWAGGER_START_SCRIPT, SWAGGER_STYLE } from './swagger-ui-start.js';

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const dist = new InstalledPackage('swagger-ui-dist');

const distFile = (name: string, extension: string, type: string) =>
  new Asset(`/docs/assets/${name}-${dist.version}.${extension}`, type, () =>
    dist.read(`${name}.${extension}`),
  );

const BUNDLE = distFile('swagger-ui-bundle', 'js', JAVASCRIPT);
const STYLE = distFile('swagger-ui', 'css', CSS);
const OWN_STYLE = Asset.ofText('/docs/assets/swagger-*.css', CSS, SWAGGER_STYLE);
const START = Asset.ofText('/docs/assets/swagger-*.js', JAVASCRIPT, SWAGGER_START_SCRIPT);

const HEADERS = pageHeaders({
  'script-src': "'self'",
  'style-src': "'self'",
  // It shows images in responses, such as QR codes, by blob URLs.
  'img-src': "'self' data: blob:",
  'connect-src': "'self'",
});

export interface SwaggerUiOptions extends SiteNavOptions {
  /** The key that calls are authorized with until the reader enters another. */
  readonly demoKey?: string;
}

/** Serves the REST reference at `/docs` and `/docs/`, which loads `/openapi.json`. */
export function swaggerUi(fastify: FastifyInstance, options: SwaggerUiOptions): void {
  const body = pageWith(options);
  serveAssets(fastify, [BUNDLE, STYLE, OWN_STYLE, START]);
  for (const path of ['/docs', '/docs/']) {
    fastify.get(path, PAGE_ROUTE, (_request, reply) => reply.headers(HEADERS).send(body));
  }
}

const pageWith = ({ ide, demoKey = '' }: SwaggerUiOptions): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>REST reference · Chat group gateway</title>
        <link rel="icon" href="${FAVICON.path}" />
        <link rel="stylesheet" href="${STYLE.path}" />
        <link rel="stylesheet" href="${OWN_STYLE.path}" />
        <script defer src="${BUNDLE.path}"></script>
        <script defer src="${START.path}"></script>
      </head>
      <body>
        <noscript
          >The REST reference requires JavaScript; <a href="/openapi.json">openapi.json</a> does
          not.</noscript
        >
        ${siteNav({ ide, documents: true })}
        <main id="swagger-ui" data-demo-key="${demoKey}"></main>
      </body>
    </html>`.markup;
