import { useQuery } from '@apollo/client/react';
import { createContext, type ReactNode, useContext, useState } from 'react';
import { problemOf } from './api/problem.ts';
import { graphql } from './gql/index.ts';
import { ErrorScreen } from './parts/error-screen.tsx';
import { Header } from './parts/header.tsx';
import { Loading } from './parts/loading.tsx';

const VIEWER = graphql(`
  query Viewer {
    viewer {
      tenantId
      tenantName
      permissions
      spaces {
        custSpaceId
        businessNumbers
      }
    }
  }
`);

/** The business number that the screens work on, and what the user may do with it. */
interface Scope {
  readonly custSpaceId: string;
  readonly businessNumber: string;
  may(permission: string): boolean;
}

const ScopeContext = createContext<Scope | undefined>(undefined);

/** Asks the gateway what the API key can reach, and lets the user choose one of its business numbers. */
export function ScopeProvider({ children }: { readonly children: ReactNode }) {
  const { data, error, refetch } = useQuery(VIEWER);
  const [chosen, setChosen] = useState(0);
  if (error) return <ErrorScreen problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!data) return <Loading text="Signing in…" />;

  const { tenantName, permissions, spaces } = data.viewer;
  // A space without a list allows every number; this example shows only numbers that are listed.
  const numbers = spaces.flatMap(({ custSpaceId, businessNumbers }) =>
    (businessNumbers ?? []).map((businessNumber) => ({ custSpaceId, businessNumber })),
  );
  const number = numbers[chosen];
  return (
    <>
      <Header tenantName={tenantName} numbers={numbers} chosen={chosen} onChoose={setChosen} />
      <main>
        {number === undefined ? (
          <p className="empty">This API key lists no business numbers.</p>
        ) : (
          <ScopeContext value={{ ...number, may: (permission) => permissions.includes(permission) }}>
            {children}
          </ScopeContext>
        )}
      </main>
    </>
  );
}

export function useScope(): Scope {
  const scope = useContext(ScopeContext);
  if (scope === undefined) throw new Error('No business number is chosen');
  return scope;
}
