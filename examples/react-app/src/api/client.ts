import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { RetryLink } from '@apollo/client/link/retry';
import { map } from 'rxjs';
import { createCache } from './cache.ts';

const BUSY = [
  'RATE_LIMITED',
  'OVERLOADED',
  'UPSTREAM_THROTTLED',
  'STATE_UNAVAILABLE',
  'IDEMPOTENCY_IN_FLIGHT',
];
/** What takes longer is for the user to know of. */
const LONGEST_WAIT_SECONDS = 10;

export const GATEWAY_URL: string = import.meta.env.VITE_GATEWAY_URL ?? 'http://127.0.0.1:3000';

/** Creates the client of one signed-in user. Calls `onRejected` if the gateway does not accept the API key. */
export function createClient(apiKey: string, onRejected: () => void): ApolloClient {
  const credentials = new SetContextLink(({ headers }) => ({
    headers: { ...headers, authorization: `Bearer ${apiKey}` },
  }));
  const signOut = new ErrorLink(({ error }) => {
    const rejected =
      CombinedGraphQLErrors.is(error) &&
      error.errors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED');
    if (rejected) onRejected();
  });
  // Resends what got no response, or was refused because too much is going on. Mutations are safe to resend because they
  // carry an idempotency key.
  const retry = new RetryLink({
    // Most often for writes: if an instance dies, the keys of its requests stay in progress for up to 30 s.
    attempts: (count, { operationType }, error) =>
      count < (operationType === 'mutation' ? 9 : CombinedGraphQLErrors.is(error) ? 6 : 3) &&
      retryAfter(error) <= LONGEST_WAIT_SECONDS,
    // At random, so that requests that were refused together do not return together.
    delay: (count, _operation, error) => 1000 * Math.max(retryAfter(error), count) * (1 + Math.random() / 2),
  });
  // RetryLink resends only what throws.
  const busy = new ApolloLink((operation, forward) =>
    forward(operation).pipe(
      map((result) => {
        const isBusy = result.errors?.some(({ extensions }) => BUSY.includes(String(extensions?.['code'])));
        if (isBusy && !result.data) throw new CombinedGraphQLErrors(result);
        return result;
      }),
    ),
  );
  const http = new HttpLink({ uri: `${GATEWAY_URL}/graphql` });
  return new ApolloClient({
    link: ApolloLink.from([signOut, retry, credentials, busy, http]),
    cache: createCache(),
  });
}

/** Returns how many seconds the gateway asks to wait. */
function retryAfter(error: unknown): number {
  return CombinedGraphQLErrors.is(error) ? Number(error.errors[0]?.extensions?.['retryAfter'] ?? 1) : 1;
}
