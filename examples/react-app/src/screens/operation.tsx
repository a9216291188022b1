import { useApolloClient, useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { problemOf } from '../api/problem.ts';
import { useKeyedMutation } from '../api/use-keyed-mutation.ts';
import { graphql } from '../gql/index.ts';
import { ErrorScreen } from '../parts/error-screen.tsx';
import { Loading } from '../parts/loading.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { links } from '../route.ts';

const POLL_MS = 1_500;

const OPERATION = graphql(`
  query Operation($id: ID!) {
    operation(id: $id) {
      id
      status
      detail
      subject
      createdAt
      attempts
      chatGroup {
        id
      }
    }
  }
`);

const CLOSE = graphql(`
  mutation CloseChatGroupOperation($input: CloseChatGroupOperationInput!) {
    closeChatGroupOperation(input: $input) {
      operation {
        id
        status
        detail
      }
    }
  }
`);

const TITLES = {
  PENDING: 'Creating your group…',
  SUCCEEDED: 'Your group is ready',
  UNRESOLVED: 'No longer waiting for this group',
};

/** The waiting screen: follows a create operation until its group is found, or until the user stops waiting. */
export function Operation({ id }: { readonly id: string }) {
  const { cache } = useApolloClient();
  const { data, error, refetch, stopPolling } = useQuery(OPERATION, {
    variables: { id },
    pollInterval: POLL_MS,
    skipPollAttempt: () => document.hidden,
  });
  const close = useKeyedMutation(CLOSE);
  const operation = data?.operation;
  const status = operation?.status;

  useEffect(() => {
    if (status === undefined || status === 'PENDING') return;
    stopPolling();
    cache.evict({ fieldName: 'chatGroups' });
  }, [status, stopPolling, cache]);

  if (error) return <ErrorScreen problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!operation) return <Loading />;
  return (
    <section className="card stack waiting" aria-live="polite">
      <h1>{TITLES[operation.status]}</h1>
      {operation.status === 'PENDING' && <progress aria-label="Waiting for WhatsApp" />}
      <dl>
        <dt>Subject</dt>
        <dd>{operation.subject}</dd>
        <dt>Requested</dt>
        <dd>{new Date(operation.createdAt).toLocaleTimeString()}</dd>
      </dl>
      {operation.detail && <p className="muted">{operation.detail}</p>}
      <ProblemNotice problem={close.problem} />
      <p className="row">
        {operation.chatGroup && (
          <a className="button primary" href={links.group(operation.chatGroup.id)}>
            Show group
          </a>
        )}
        {operation.status === 'PENDING' && (
          <button disabled={close.sending} onClick={() => void close.send({ id })}>
            Stop waiting
          </button>
        )}
        <a href={links.groups}>All groups</a>
      </p>
      {operation.status === 'PENDING' && (
        <p className="hint">
          You can leave this page and come back. If you stop waiting, the group may still appear later.
        </p>
      )}
    </section>
  );
}
