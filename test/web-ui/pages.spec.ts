import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApolloServer } from '@apollo/server';
import fastifyApollo from '@as-integrations/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { ERRORS } from '../../src/errors/catalogue.js';
import { GUIDES } from '../../src/web-ui/guides.js';
import { pages } from '../../src/web-ui/pages.js';
import { Browser, renderPage } from '../support/browser.js';

const CREDENTIALS = 'Bearer cgk_acme.test';
const HEADERS = JSON.stringify({ Authorization: CREDENTIALS });
const TYPE_DEFS = `
  type Query { chatGroups(businessNumber: String!, first: Int): ChatGroupConnection! }
  type ChatGroupConnection { totalCount: Int! nodes: [ChatGroup!]! pageInfo: PageInfo! }
  type ChatGroup { id: ID! subject: String status: String! participantCount: Int }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
`;
const GROUPS = {
  totalCount: 51,
  nodes: [{ id: 'g1', subject: 'Spring tour', status: 'ACTIVE', participantCount: 3 }],
  pageInfo: { hasNextPage: true, endCursor: 'c1' },
};
const OPENAPI = {
  openapi: '3.1.0',
  info: { title: 'Chat group gateway', version: '1' },
  servers: [{ url: '/' }],
  paths: {
    '/v1/viewer': {
      get: {
        tags: ['Viewer'],
        operationId: 'viewer',
        summary: 'Who am I',
        security: [{ bearer: [] }],
        responses: {
          200: { description: 'You', content: { 'application/json': { schema: { type: 'object' } } } },
        },
      },
    },
    '/v1/things': {
      post: {
        tags: ['Things'],
        operationId: 'things',
        summary: 'Make a thing',
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
        responses: { 204: { description: 'Made' } },
      },
    },
  },
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    schemas: { Thing: { type: 'object', properties: { name: { type: ['string', 'null'] } } } },
  },
};

/** Serves the pages together with the gateway routes that they use. */
async function startServer(
  ide: boolean,
  defaultHeaders?: string,
): Promise<{ server: FastifyInstance; url: string }> {
  // A response whose body is not read would keep its connection open, and with it the server.
  const server = fastify({ forceCloseConnections: true });
  const apollo = new ApolloServer({
    typeDefs: TYPE_DEFS,
    resolvers: { Query: { chatGroups: () => GROUPS } },
  });
  await apollo.start();
  pages(server, { ide: ide && (defaultHeaders === undefined ? {} : { defaultHeaders }) });
  server.addHook('preHandler', async (request, reply) => {
    const known = request.headers.authorization === CREDENTIALS;
    if (request.method === 'POST' && !known) {
      await reply.code(401).send({ errors: [{ message: 'unknown' }] });
    }
  });
  await server.register(fastifyApollo(apollo));
  server.get('/openapi.json', () => OPENAPI);
  server.get('/v1/viewer', ({ headers }) => ({ sent: headers.authorization }));
  return { server, url: await server.listen({ host: '127.0.0.1', port: 0 }) };
}

let server: FastifyInstance;
let url: string;

beforeAll(async () => {
  ({ server, url } = await startServer(true, HEADERS));
});
afterAll(() => server.close());

const PAGES = ['/', '/graphql', '/docs', '/docs/', '/docs/errors'];
const HTML = { accept: 'text/html' };

/** Returns the assets of a page: scripts and styles from attributes, workers from the data for the start script. */
async function assetsOf(page: string): Promise<string[]> {
  const body = await (await fetch(url + page, { headers: HTML })).text();
  const paths = body.replaceAll('&#34;', '"').matchAll(/"(\/[\w./-]*\/assets\/[^"]+)"/g);
  return [...paths].map(([, path]) => path ?? '');
}

async function allAssets(): Promise<string[]> {
  return [...new Set((await Promise.all(PAGES.map(assetsOf))).flat())].sort();
}

describe.each(PAGES)('%s', (page) => {
  it('is public, cannot be framed and allows no foreign scripts', async () => {
    const { status, headers } = await fetch(url + page, { headers: HTML });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
  });

  it('refers only to its own origin', async () => {
    const body = await (await fetch(url + page, { headers: HTML })).text();
    expect(body).not.toMatch(/\b(src|href|action)\s*=\s*["']?\s*(https?:)?\/\//i);
    expect(body).not.toMatch(/url\(\s*["']?\s*(https?:)?\/\//i);
  });
});

describe('GET and HEAD', () => {
  // Apollo handles HEAD requests to `/graphql`.
  it.each(PAGES.filter((page) => page !== '/graphql'))('return the same headers at %s', async (page) => {
    const get = await fetch(url + page);
    const head = await fetch(url + page, { method: 'HEAD' });
    expect(head.status).toBe(200);
    for (const name of ['content-security-policy', 'content-type', 'content-length', 'cache-control']) {
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    }
    expect(await head.text()).toBe('');
  });
});

describe('page assets', () => {
  it('all exist, have a content type and are cached forever', async () => {
    const assets = await allAssets();
    expect(assets).toHaveLength(13);
    for (const asset of assets) {
      const { status, headers } = await fetch(url + asset);
      expect([asset, status]).toEqual([asset, 200]);
      expect(headers.get('content-type')).toMatch(
        /^(text\/(javascript|css); charset=utf-8|image\/svg\+xml)$/,
      );
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('contain no style that loads from another origin', async () => {
    for (const asset of (await allAssets()).filter((path) => path.endsWith('.css'))) {
      const body = await (await fetch(url + asset)).text();
      expect(body).not.toMatch(/(url\(|@import)\s*["']?\s*(https?:)?\/\//i);
    }
  });

  it('are compressed for clients that accept it, with an ETag for each encoding', async () => {
    const asset = (await assetsOf('/docs')).find((path) => path.includes('bundle')) ?? '';
    const plain = await fetch(url + asset, { headers: { 'accept-encoding': 'gzip;q=0, br' } });
    const packed = await fetch(url + asset, { headers: { 'accept-encoding': 'br, gzip;q=0.5' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toBe('Accept-Encoding');
    expect(Number(packed.headers.get('content-length'))).toBeLessThan(
      Number(plain.headers.get('content-length')) / 2,
    );
    expect(packed.headers.get('etag')).not.toBe(plain.headers.get('etag'));
    expect(await packed.text()).toBe(await plain.text());
  });

  it('return 304 to clients that have them', async () => {
    const [asset] = await assetsOf('/docs/errors');
    const { headers } = await fetch(url + asset);
    const again = await fetch(url + asset, {
      headers: { 'if-none-match': `"other", W/${headers.get('etag')}` },
    });
    expect(again.status).toBe(304);
    expect(again.headers.get('etag')).toBe(headers.get('etag'));
  });
});

describe.each(['/', '/docs/errors', '/docs/operations'])('the page %s', (path) => {
  it('is compressed, and returns 304 to browsers that have it', async () => {
    const plain = await fetch(url + path, { headers: { 'accept-encoding': 'br' } });
    const packed = await fetch(url + path, { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(await packed.text()).toBe(await plain.text());
    const known = { 'accept-encoding': 'gzip', 'if-none-match': packed.headers.get('etag') ?? '' };
    expect((await fetch(url + path, { headers: known })).status).toBe(304);
  });
});

describe('the pages without the IDE', () => {
  it('neither link to it nor serve its files', async () => {
    const asset = (await assetsOf('/graphql')).find((path) => path.startsWith('/graphql/'));
    const other = await startServer(false);
    try {
      expect((await fetch(`${other.url}${asset}`)).status).toBe(404);
      expect(await (await fetch(other.url)).text()).not.toContain('/graphql"');
    } finally {
      await other.server.close();
    }
  });
});

const RESPONSE = `document.querySelector('.graphiql-response').innerText`;

describe('in a browser without a network', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await Browser.start();
  });
  afterAll(() => browser.close());

  it('the index links to every page', async () => {
    const dom = await renderPage(url);
    const links = [...dom.matchAll(/<a href="([^"]+)"/g)].map(([, href]) => href);
    const guides = GUIDES.flatMap(({ guides }) => guides.map(({ name }) => `/docs/${name}`));
    const others = ['/graphql', '/docs', '/docs/errors', '/openapi.json'];
    expect(links).toEqual(expect.arrayContaining([...others, ...guides]));
    for (const link of links) expect((await fetch(url + link, { headers: HTML })).status).toBe(200);
  });

  it('the errors page has every code of the catalogue at its anchor', async () => {
    const tab = await browser.open(`${url}/docs/errors#OUTCOME_UNKNOWN`);
    const targets = await tab.evaluate(`[...document.querySelectorAll('article')].map(({ id }) => id)`);
    expect(targets).toEqual(Object.keys(ERRORS));
    expect(await tab.evaluate(`document.querySelector('article:target').innerText`)).toContain(
      ERRORS.OUTCOME_UNKNOWN.meaning,
    );
    expect(await tab.evaluate(`getComputedStyle(document.querySelector('article')).display`)).toBe('grid');
    expect(tab.problems()).toEqual([]);
  });

  it.each(['/docs', '/docs/'])('Swagger UI shows the routes of openapi.json at %s', async (page) => {
    const tab = await browser.open(url + page);
    await tab.waitFor(`document.querySelectorAll('.opblock').length === 2`);
    await tab.evaluate(`document.querySelector('.opblock-summary-control').click()`);
    await tab.waitFor(`document.querySelector('.opblock .responses-wrapper')`);
    expect(await tab.evaluate(`document.querySelector('.opblock-summary-path').innerText`)).toMatch(/viewer/);
    expect(tab.problems()).toEqual([]);
  });

  it('Swagger UI sends the credentials that the reader enters, and keeps them across reloads', async () => {
    const tab = await browser.open(`${url}/docs`);
    await tab.click('.auth-wrapper .authorize');
    await tab.waitFor(`document.querySelector('.auth-container input')`);
    await tab.enter('.auth-container input', 'cgk_acme.test');
    await tab.click('.auth-container .authorize');
    await tab.click('.opblock-summary-control');
    await tab.click('.try-out__btn');
    await tab.click('.execute');
    await tab.waitFor(`document.querySelector('.live-responses-table .microlight')`);
    const answer = await tab.evaluate(
      `document.querySelector('.live-responses-table .microlight').innerText`,
    );
    expect(answer).toContain(`"sent": "${CREDENTIALS}"`);
    await tab.navigate(`${url}/docs`);
    await tab.waitFor(`document.querySelector('.authorization__btn.locked, .auth-wrapper .locked')`);
    expect(tab.problems()).toEqual([]);
  });

  it('the IDE runs the example with its default headers', async () => {
    const tab = await browser.open(`${url}/graphql`);
    await tab.click('.graphiql-execute-button');
    await tab.waitFor(`${RESPONSE}.includes('totalCount')`);
    expect(tab.problems()).toEqual([]);
  });

  it('the IDE loads the schema, and its workers flag a field that does not exist', async () => {
    const tab = await browser.open(`${url}/graphql`);
    await tab.waitFor(`document.querySelectorAll('.monaco-editor').length >= 3`);
    await tab.enter('.graphiql-query-editor textarea', '{ nope ');
    await tab.waitFor(`document.querySelector('.graphiql-query-editor .squiggly-error')`);
    await tab.click('[aria-label="Show Documentation Explorer"]');
    await tab.waitFor(
      `document.querySelector('.graphiql-doc-explorer').innerText.includes('ChatGroupConnection')`,
    );
    expect(tab.problems()).toEqual([]);
  });

  it('the IDE sends the credentials that the reader enters without storing them and keeps the query out of the URL', async () => {
    const other = await startServer(true);
    try {
      const tab = await browser.open(`${other.url}/graphql`);
      await tab.waitFor(`document.querySelectorAll('.monaco-editor').length >= 3`);
      // The editor adds the closing quote and brace.
      await tab.enter('.graphiql-editor-tool .graphiql-editor:not(.hidden) textarea', HEADERS.slice(0, -2));
      await tab.click('.graphiql-execute-button');
      await tab.waitFor(`${RESPONSE}.includes('totalCount')`);
      await tab.enter('.graphiql-query-editor textarea', '{ edited');
      await tab.waitFor(`localStorage.getItem('graphiql:tabState')?.includes('edited')`);
      expect(await tab.evaluate('location.search')).toBe('');
      expect(await tab.evaluate('JSON.stringify(localStorage)')).not.toContain(CREDENTIALS);
    } finally {
      await other.server.close();
    }
  });
});
