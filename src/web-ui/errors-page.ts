import type { FastifyInstance } from 'fastify';
import { ERRORS, type ErrorCode, retryNote } from '../errors/catalogue.js';
import { type Html, html, prose } from './html.js';
import { PLAIN_PAGE_HEADERS, plainPage } from './page.js';
import { servePage } from './serve-assets.js';
import { type SiteNavOptions, siteNav } from './site-nav.js';

const CATALOGUE = Object.entries(ERRORS) as [ErrorCode, (typeof ERRORS)[ErrorCode]][];

const PROBLEM_EXAMPLE = `HTTP/1.1 400 Bad Request
Content-Type: application/problem+json

{
  "type": "/docs/errors#VALIDATION_FAILED",
  "title": "${ERRORS.VALIDATION_FAILED.title}",
  "status": 400,
  "detail": "Invalid: size.",
  "code": "VALIDATION_FAILED",
  "requestId": "0c6f1c1e-6f0e-4d6a-9f0b-2f7f0c4b1a55",
  "retryable": false,
  "violations": [
    {
      "field": "size",
      "message": "must be a whole number from 1 to 100"
    }
  ]
}`;
const EXTENSIONS_EXAMPLE = `{
  "errors": [
    {
      "message": "The resource does not exist, or you do not have access to it.",
      "locations": [{ "line": 1, "column": 18 }],
      "path": ["chatGroup"],
      "extensions": {
        "code": "NOT_FOUND",
        "status": 404,
        "requestId": "0c6f1c1e-6f0e-4d6a-9f0b-2f7f0c4b1a55",
        "retryable": false
      }
    }
  ],
  "data": { "chatGroup": null }
}`;
const FIELDS: readonly (readonly [name: string, meaning: string])[] = [
  ['code', 'One of the codes below. Use it for error handling in code.'],
  ['detail', 'A human-readable explanation of this error. In GraphQL it is `message`.'],
  ['status', 'The HTTP status of the error.'],
  ['retryable', 'Whether the same request may succeed later without changes.'],
  ['retryAfter', 'Seconds to wait before the request is sent again, if that is known.'],
  ['requestId', 'Request ID, also in the header `X-Request-Id`. Include it when you contact support.'],
  ['violations', 'The invalid fields of `VALIDATION_FAILED`, each with `field` and `message`.'],
  ['upstreamCode', 'The code that CAMS returned, if any.'],
  ['upstreamRequestId', 'Request ID of the CAMS call, if any.'],
  ['operationId', 'The operation to poll for the outcome of a create request, if one is open.'],
];

/** Serves `/docs/errors`: the catalogue for humans, which `type` of every problem links to. */
export function errorsPage(fastify: FastifyInstance, options: SiteNavOptions): void {
  const content = html`${siteNav(options)} ${pageBody()}`;
  const errors = plainPage('/docs/errors', async () => ['Errors · Chat group gateway', content]);
  servePage(fastify, errors, PLAIN_PAGE_HEADERS);
}

function pageBody(): Html {
  return html`<main>
    <h1>Errors</h1>
    <p class="lead">Every error, over REST or GraphQL, has one of ${CATALOGUE.length} codes.</p>
    <section aria-labelledby="shape">
      <h2 id="shape">Error format</h2>
      <div class="examples">
        <figure>
          <figcaption>
            REST: a problem (<abbr title="Problem Details for HTTP APIs">RFC 9457</abbr>)
          </figcaption>
          <pre tabindex="0"><code>${PROBLEM_EXAMPLE}</code></pre>
        </figure>
        <figure>
          <figcaption>GraphQL: the same fields in <code>extensions</code></figcaption>
          <pre tabindex="0"><code>${EXTENSIONS_EXAMPLE}</code></pre>
        </figure>
      </div>
      <dl class="fields">
        ${FIELDS.map(
          ([name, meaning]) =>
            html`<dt><code>${name}</code></dt>
              <dd>${prose(meaning)}</dd>`,
        )}
      </dl>
      <p>
        If a response has a <code>Retry-After</code> header, wait that many seconds before you retry.
        Otherwise, wait a second, and twice as long before each further retry. GraphQL responses with status
        200 have no <code>Retry-After</code>.
      </p>
    </section>
    <section aria-labelledby="codes">
      <h2 id="codes">Codes</h2>
      <ul class="contents">
        ${CATALOGUE.map(([code]) => html`<li><a href="#${code}">${code}</a></li>`)}
      </ul>
      ${CATALOGUE.map(entry)}
    </section>
  </main>`;
}

function entry([code, { status, title, meaning, remedy }]: (typeof CATALOGUE)[number]): Html {
  return html`<article id="${code}" aria-labelledby="title-${code}">
    <h3 id="title-${code}"><a href="#${code}">${code}</a></h3>
    <p class="facts">
      <span class="status status-${Math.floor(status / 100)}">${status}</span>
      <span>${retryNote(code)}</span>
    </p>
    <p class="title">${title}</p>
    <p>${prose(meaning)}</p>
    <p><strong>What to do:</strong> ${prose(remedy)}</p>
  </article>`;
}
