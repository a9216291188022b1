import { ApolloProvider } from '@apollo/client/react';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { createClient } from './api/client.ts';

// The key stays in this tab and is forgotten when the tab closes. In a product, sign users in with your own identity
// provider and give the gateway its tokens (JWT_ISSUER) instead: an API key has the permissions of the whole tenant.
const STORAGE_KEY = 'gateway-api-key';

interface Session {
  readonly apiKey: string;
  signOut(): void;
}

const SessionContext = createContext<Session | undefined>(undefined);

export interface SessionProviderProps {
  /** Shown while nobody is signed in. */
  signIn(onKey: (apiKey: string) => void, wasRejected: boolean): ReactNode;
  readonly children: ReactNode;
}

/** Keeps the API key of the user, and gives the screens an Apollo Client that sends it. */
export function SessionProvider({ signIn, children }: SessionProviderProps) {
  const [apiKey, setApiKey] = useState(() => sessionStorage.getItem(STORAGE_KEY));
  const [wasRejected, setWasRejected] = useState(false);

  function change(key: string | null, rejected: boolean): void {
    if (key === null) sessionStorage.removeItem(STORAGE_KEY);
    else sessionStorage.setItem(STORAGE_KEY, key);
    setApiKey(key);
    setWasRejected(rejected);
  }

  const client = useMemo(
    () => (apiKey === null ? undefined : createClient(apiKey, () => change(null, true))),
    [apiKey],
  );
  if (apiKey === null || client === undefined) return signIn((key) => change(key, false), wasRejected);
  return (
    <SessionContext value={{ apiKey, signOut: () => change(null, false) }}>
      <ApolloProvider client={client}>{children}</ApolloProvider>
    </SessionContext>
  );
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('Nobody is signed in');
  return session;
}
