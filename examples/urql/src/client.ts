import { Client, type CombinedError, fetchExchange, makeOperation, type Operation } from '@urql/core';
import { type Cache, cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { persistedExchange } from '@urql/exchange-persisted';
import { retryExchange } from '@urql/exchange-retry';

const BUSY = [
  'RATE_LIMITED',
  'OVERLOADED',
  'UPSTREAM_THROTTLED',
  'STATE_UNAVAILABLE',
  'IDEMPOTENCY_IN_FLIGHT',
];
/** What takes longer is for the user to know of. */
const LONGEST_WAIT_SECONDS = 10;
const MOST_RETRIES_OF_READS = 2;

/** Types without an `id`. Connections, edges and `PageInfo` need no entry here: graphcache knows them. */
const EMBEDDED = ['Viewer', 'CustSpace'];

export interface ClientOptions {
  readonly gatewayUrl: string;
  readonly apiKey: string;
  /** Replaces `fetch`, for example to observe requests. */
  readonly fetch?: typeof fetch;
}

/** Creates a client for one user. It sends queries by GET and, once the gateway knows them, only their hash. */
export function createClient({ gatewayUrl, apiKey, fetch }: ClientOptions): Client {
  return new Client({
    url: `${gatewayUrl}/graphql`,
    ...(fetch && { fetch }),
    // The default of urql 5: GET, unless the URL would be longer than 2048 characters.
    preferGetMethod: 'within-url-limit',
    fetchOptions: { headers: { authorization: `Bearer ${apiKey}` } },
    exchanges: [
      cacheExchange({
        keys: Object.fromEntries(EMBEDDED.map((type) => [type, () => null])),
        // Pages may overlap when groups change meanwhile; `relayPagination` keeps each group once.
        resolvers: { Query: { chatGroups: relayPagination() } },
        updates: {
          Mutation: {
            // Groups that appear or disappear change every list. An update does not: graphcache updates the group by its ID.
            createChatGroup: (_result, _args, cache) => invalidateLists(cache),
            deleteChatGroup: (_result, _args, cache) => invalidateLists(cache),
          },
          // A create that was pending adds its group only when the operation has been polled to its end.
          Query: {
            operation: ({ operation }, _args, cache) => {
              if ((operation as { chatGroup?: unknown } | null)?.chatGroup) invalidateLists(cache);
            },
          },
        },
      }),
      // That is safe for mutations too, because each has an idempotency key.
      retryExchange({
        // As often for writes: if an instance dies, the keys of its requests stay in progress for up to 30 s.
        maxNumberAttempts: 8,
        maxDelayMs: 150_000,
        retryIf: isWorthRetrying,
        retryWith: afterRetryAfter,
      }),
      persistedExchange({ preferGetForPersistedQueries: 'within-url-limit' }),
      fetchExchange,
    ],
  });
}

/** Whether a request got no response, or was refused because too much is going on, but not for hours. */
function isWorthRetrying(error: CombinedError, operation: Operation): boolean {
  const { networkError, graphQLErrors } = error;
  if (operation.kind !== 'mutation' && retries(operation) >= MOST_RETRIES_OF_READS) return false;
  const isBusy = graphQLErrors.some(({ extensions }) => BUSY.includes(String(extensions['code'])));
  return networkError !== undefined || (isBusy && retryAfter(error) <= LONGEST_WAIT_SECONDS);
}

function retries({ context }: Operation): number {
  return context['retry']?.count ?? 0;
}

/** Returns how many seconds the gateway asks to wait. */
function retryAfter({ graphQLErrors }: CombinedError): number {
  return Number(graphQLErrors[0]?.extensions['retryAfter'] ?? 1);
}

/** retryExchange waits 1.5 to 2.5 times as long as the context says. */
function afterRetryAfter(error: CombinedError, operation: Operation): Operation {
  const count = retries(operation);
  const retry = { count, delay: 1000 * Math.max(retryAfter(error), count) };
  return makeOperation(operation.kind, operation, { ...operation.context, retry });
}

/** Makes the next query of every list, with any arguments, ask the gateway. */
function invalidateLists(cache: Cache): void {
  for (const { fieldName, arguments: args } of cache.inspectFields('Query')) {
    if (fieldName === 'chatGroups') cache.invalidate('Query', fieldName, args);
  }
}
