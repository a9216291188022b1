import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.js';
import type { LoadShedding } from '../telemetry/load-shedding.js';
import { boundedResult } from './bounded-result.js';
import { costExtensionPlugin } from './cost-extension.plugin.js';
import { withSpecifiedDateTime } from './date-time.js';
import { formatError } from './format-error.js';
import { MAX_TOKENS } from './document-guard.js';
import { documentLimits } from './document-limits.plugin.js';
import { MAX_SELECTIONS } from './document-shape.js';
import type { PersistedQueries } from './persisted-queries.js';
import { withPlainFields } from './plain-fields.js';
import { resolvedRequest } from './resolved-request.plugin.js';
import { oneViolationList } from './one-violation-list.plugin.js';
import { replayedExtension } from './replayed-extension.plugin.js';

/** Apollo adds one that says that there are more. */
const MAX_VALIDATION_ERRORS = 19;

/** Returns Apollo's options: document limits, catalogue errors, and nothing that phones home. */
export function graphqlOptions(
  config: Config,
  persisted: PersistedQueries,
  shedding: LoadShedding,
  plugins: readonly ApolloServerPlugin[],
): ApolloDriverConfig {
  return {
    driver: ApolloDriver,
    path: '/graphql',
    autoSchemaFile: true,
    sortSchema: true,
    introspection: config.graphql.introspection,
    graphiql: false,
    // Credentials come in one of these headers, which no foreign page can add to a request without a preflight.
    csrfPrevention: { requestHeaders: ['authorization', 'x-api-key'] },
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    // The gateway finds the documents itself, for Apollo and the fast path alike: see requested-document.
    persistedQueries: false,
    cache: 'bounded',
    stopOnTerminationSignals: false,
    autoTransformHttpErrors: false,
    transformSchema: (schema) => withSpecifiedDateTime(withPlainFields(schema)),
    context: (req: FastifyRequest, reply: FastifyReply) => ({ req, reply }),
    maxRecursiveSelections: MAX_SELECTIONS,
    parseOptions: { maxTokens: MAX_TOKENS },
    // The store's limit ignores the number of tokens in a document, so a caller could exhaust the memory.
    documentStore: null,
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      documentLimits(shedding) as ApolloServerPlugin,
      costExtensionPlugin() as ApolloServerPlugin,
      resolvedRequest(persisted) as ApolloServerPlugin,
      replayedExtension() as ApolloServerPlugin,
      oneViolationList(),
      ...plugins,
      boundedResult() as ApolloServerPlugin,
    ],
    formatError,
  };
}
