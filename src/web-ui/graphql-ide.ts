import type { FastifyInstance } from 'fastify';
import { asksForIde } from '../request/ide-request.js';
import { addVary } from '../request/vary.js';
import { Asset } from './asset.js';
import { FAVICON, ICON_SVG } from './favicon.js';
import { IDE_START_SCRIPT, WORKER_LABELS } from './graphql-ide-start.js';
import { html } from './html.js';
import { InstalledPackage } from './installed-package.js';
import { pageHeaders } from './page-headers.js';
import { serveAssets } from './serve-assets.js';
import { SITE_NAV_STYLE, siteNav } from './site-nav.js';

const IDE_PATH = '/graphql';
const JAVASCRIPT = 'text/javascript; charset=utf-8';
const PACKAGE = '@graphql-yoga/render-graphiql';
const { version } = new InstalledPackage(PACKAGE);

export interface GraphqlIdeOptions {
  /** Initial JSON of the headers editor. */
  readonly defaultHeaders?: string;
}

// The page puts the title beside the logo without a gap, so the logo includes one.
const LOGO = ICON_SVG.replace('0 0 32 32', '0 0 42 32');
const EXAMPLE_QUERY = `# Press Ctrl-Enter to run, Ctrl-Space to autocomplete.
# Set your credentials under Headers below, then click
# the round arrow on the left to reload the schema.

query FirstGroups {
  chatGroups(businessNumber: "8613800000001", first: 5) {
    totalCount
    nodes {
      id
      subject
      status
      participantCount
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;

// The module is 9 MB of text and takes a quarter of a second to load, so it is loaded on first use, not at startup.
const graphiql = () => import('@graphql-yoga/render-graphiql/graphiql');
const asset = (name: string, extension: string) => `${IDE_PATH}/assets/${name}-${version}.${extension}`;

const SCRIPT = new Asset(asset('graphiql', 'js'), JAVASCRIPT, async () => (await graphiql()).js);
const STYLE = new Asset(
  asset('graphiql', 'css'),
  'text/css; charset=utf-8',
  async () => (await graphiql()).css,
);
// The stock page fills the window; here, the bar takes its share.
const OWN_STYLE = Asset.ofText(
  `${IDE_PATH}/assets/ide-*.css`,
  'text/css; charset=utf-8',
  `${SITE_NAV_STYLE}body { display: flex; flex-direction: column; height: 100dvh; margin: 0; }
#root { flex: 1; min-height: 0; }
.graphiql-container { height: 100%; width: 100%; }
`,
);
const START = Asset.ofText(`${IDE_PATH}/assets/start-*.js`, JAVASCRIPT, IDE_START_SCRIPT);
const WORKERS: Record<(typeof WORKER_LABELS)[number], Asset> = {
  editorWorkerService: new Asset(
    asset('editor.worker', 'js'),
    JAVASCRIPT,
    async () => (await graphiql()).editorWorkerService,
  ),
  json: new Asset(asset('json.worker', 'js'), JAVASCRIPT, async () => (await graphiql()).jsonWorker),
  graphql: new Asset(asset('graphql.worker', 'js'), JAVASCRIPT, async () => (await graphiql()).graphqlWorker),
};

const IDE_HEADERS = pageHeaders({
  'script-src': "'self'",
  // The Monaco editor writes its theme into style elements at run time.
  'style-src': "'self' 'unsafe-inline'",
  'font-src': 'data:',
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'worker-src': "'self'",
});

/**
 * Serves the page of the IDE at `GET /graphql`, and its files. The page responds before the route does: if Apollo served
 * it, Apollo would decide by rules of its own which requests are queries.
 */
export function graphqlIde(fastify: FastifyInstance, options: GraphqlIdeOptions = {}): void {
  serveAssets(fastify, [SCRIPT, STYLE, OWN_STYLE, START, ...Object.values(WORKERS)]);
  const shell = ideShell(options);
  fastify.addHook('preHandler', (request, reply, done) => {
    if (request.routeOptions.url !== IDE_PATH || !asksForIde(request)) return done();
    addVary(reply, 'Accept');
    void reply.headers(IDE_HEADERS).send(shell);
  });
}

function ideShell({ defaultHeaders = bearer('') }: GraphqlIdeOptions): string {
  const workers = Object.fromEntries(WORKER_LABELS.map((label) => [label, WORKERS[label].path]));
  const options = {
    title: 'Chat group gateway',
    logo: LOGO,
    endpoint: IDE_PATH,
    method: 'POST',
    defaultQuery: EXAMPLE_QUERY,
    defaultHeaders,
    defaultEditorToolsVisibility: 'headers',
  };
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>GraphQL IDE · Chat group gateway</title>
        <link rel="icon" href="${FAVICON.path}" />
        <link rel="stylesheet" href="${STYLE.path}" />
        <link rel="stylesheet" href="${OWN_STYLE.path}" />
        <script defer src="${SCRIPT.path}"></script>
        <script defer src="${START.path}"></script>
      </head>
      <body class="no-focus-outline">
        <noscript>The GraphQL IDE requires JavaScript.</noscript>
        ${siteNav({ ide: true, documents: true })}
        <div id="root" data-ide="${JSON.stringify({ workers, options })}"></div>
      </body>
    </html>`.markup;
}

/** Returns the initial headers of the IDE for an API key. */
export function bearer(key: string): string {
  return JSON.stringify({ Authorization: `Bearer ${key}` }, null, 2);
}
