import type { FastifyInstance } from 'fastify';
import { ERRORS } from '../errors/catalogue.js';
import { type Html, html, prose } from './html.js';
import { page, PLAIN_PAGE_HEADERS } from './page.js';
import { PAGE_ROUTE } from './page-headers.js';

const CATALOGUE = Object.entries(ERRORS);

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
      "message": "There is no such resource, or it is not yours.",
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
  ['status', 'The HTTP status of the code.'],
  ['retryable', 'Whether the same request may succeed later without changes.'],
  ['requestId', 'Request ID, also in the header `X-Request-Id`. Include it when you contact support.'],
  ['violations', 'The invalid fields of `VALIDATION_FAILED`, each with `field` and `message`.'],
  ['upstreamCode', 'The code that CAMS returned, if any.'],
  ['upstreamRequestId', 'Request ID of the CAMS call, if any.'],
  ['operationId', 'The operation to poll for the outcome of a create request, if one is open.'],
];

/** Serves `/docs/errors`: the catalogue for humans, which `type` of every problem links to. */
export function errorsPage(fastify: FastifyInstance): void {
  const body = page('Errors · Chat group gateway', pageBody());
  fastify.get('/docs/errors', PAGE_ROUTE, (_request, reply) => reply.headers(PLAIN_PAGE_HEADERS).send(body));
}

function pageBody(): Html {
  return html`<main>
    <nav aria-label="Pages">
      <a href="/">Chat group gateway</a>
      <a href="/docs">REST reference</a>
      <a href="/openapi.json">openapi.json</a>
    </nav>
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
      <p>If a response has a <code>Retry-After</code> header, wait that many seconds before you retry.</p>
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

function entry([code, { status, retryable, title, meaning, remedy }]: (typeof CATALOGUE)[number]): Html {
  return html`<article id="${code}" aria-labelledby="title-${code}">
    <h3 id="title-${code}"><a href="#${code}">${code}</a></h3>
    <p class="facts">
      <span class="status status-${Math.floor(status / 100)}">${status}</span>
      <span>${retryable ? 'retryable' : 'not retryable'}</span>
    </p>
    <p class="title">${title}</p>
    <p>${prose(meaning)}</p>
    <p><strong>What to do:</strong> ${prose(remedy)}</p>
  </article>`;
}
