import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApolloArmor } from '@escape.tech/graphql-armor';
import type { Config } from '../config/config.js';
import { formatError } from './format-error.js';
import { documentLimits } from './document-limits.plugin.js';
import { withPlainFields } from './plain-fields.js';
import { replayedExtension } from './replayed-extension.plugin.js';

const MAX_TOKENS = 1_000;
const MAX_DEPTH = 8;
const MAX_ALIASES = 15;
const MAX_DIRECTIVES = 10;
/** Maximum selections with fragments expanded: few tokens can expand to very many. A full introspection has 150. */
const MAX_SELECTIONS = 1_000;

/** Returns Apollo's options: document limits, catalogue errors, and nothing that phones home. */
export function graphqlOptions(config: Config, plugins: readonly ApolloServerPlugin[]): ApolloDriverConfig {
  const armor = new ApolloArmor({
    maxDepth: { n: MAX_DEPTH },
    maxAliases: { n: MAX_ALIASES },
    maxDirectives: { n: MAX_DIRECTIVES },
    // Armor's token limit turns syntax errors into HTTP 500; the one in parseOptions does not.
    maxTokens: { enabled: false },
    // The cost of a document is its predicted upstream calls: see document-limits.
    costLimit: { enabled: false },
    blockFieldSuggestion: { enabled: true },
  }).protect();
  return {
    driver: ApolloDriver,
    path: '/graphql',
    autoSchemaFile: true,
    sortSchema: true,
    introspection: config.graphql.introspection,
    graphiql: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    persistedQueries: false,
    cache: 'bounded',
    stopOnTerminationSignals: false,
    autoTransformHttpErrors: false,
    transformSchema: withPlainFields,
    context: (req: FastifyRequest, reply: FastifyReply) => ({ req, reply }),
    maxRecursiveSelections: MAX_SELECTIONS,
    parseOptions: { maxTokens: MAX_TOKENS },
    // The store's limit ignores the number of tokens in a document, so a caller could exhaust the memory.
    documentStore: null,
    validationRules: armor.validationRules,
    plugins: [
      ...(armor.plugins as ApolloServerPlugin[]),
      ApolloServerPluginCacheControlDisabled(),
      documentLimits(),
      replayedExtension() as ApolloServerPlugin,
      ...plugins,
    ],
    formatError,
  };
}
