import type { ApolloServerPlugin, GraphQLServerListener } from '@apollo/server';
import { Plugin } from '@nestjs/apollo';
import type { FastifyInstance } from 'fastify';
import { Config, SANDBOX_DEMO_KEY } from '../config/config.js';
import { Asset } from './asset.js';
import { FAVICON, ICON_SVG } from './favicon.js';
import { IDE_START_SCRIPT, WORKER_LABELS } from './graphql-ide-start.js';
import { html } from './html.js';
import { InstalledPackage } from './installed-package.js';
import { pageHeaders } from './page-headers.js';
import { serveAssets } from './serve-assets.js';

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

const IDE_HEADERS = {
  ...pageHeaders({
    'script-src': "'self'",
    // The Monaco editor writes its theme into style elements at run time.
    'style-src': "'self' 'unsafe-inline'",
    'font-src': 'data:',
    'img-src': "'self' data:",
    'connect-src': "'self'",
    'worker-src': "'self'",
  }),
  Vary: 'Accept',
};

/** Makes Apollo serve the IDE at `GET /graphql` unless it is disabled. */
@Plugin()
export class GraphqlIdePlugin implements ApolloServerPlugin {
  constructor(private readonly config: Config) {}

  async serverWillStart(): Promise<GraphQLServerListener> {
    const { graphql, sandbox } = this.config;
    if (!graphql.ide) return {};
    // With the sandbox, prefill the public demo key, so that the example query works unchanged.
    return graphqlIde(sandbox ? { defaultHeaders: bearer(SANDBOX_DEMO_KEY) } : {});
  }
}

/** The page that Apollo sends to clients that accept HTML. {@link graphqlIdeAssets} serves its files. */
export function graphqlIde(options: GraphqlIdeOptions = {}): GraphQLServerListener {
  const landingPage = { html: ideShell(options) };
  return { renderLandingPage: async () => landingPage };
}

/** Serves the files of the IDE and sets the headers of its page, which Apollo serves. */
export function graphqlIdeAssets(fastify: FastifyInstance): void {
  serveAssets(fastify, [SCRIPT, STYLE, START, ...Object.values(WORKERS)]);
  fastify.addHook('onSend', async (request, reply) => {
    const { url } = request.routeOptions;
    if (url === IDE_PATH && String(reply.getHeader('Content-Type')).startsWith('text/html')) {
      void reply.headers(IDE_HEADERS);
    }
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
        <script defer src="${SCRIPT.path}"></script>
        <script defer src="${START.path}"></script>
      </head>
      <body class="no-focus-outline">
        <noscript>The GraphQL IDE requires JavaScript.</noscript>
        <div id="root" data-ide="${JSON.stringify({ workers, options })}"></div>
      </body>
    </html>`.markup;
}

function bearer(key: string): string {
  return JSON.stringify({ Authorization: `Bearer ${key}` }, null, 2);
}
