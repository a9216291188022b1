import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import { problemOf } from '../api/problem.ts';
import { graphql } from '../gql/index.ts';
import { ErrorScreen } from '../parts/error-screen.tsx';
import { type Filter, ListFilter } from '../parts/list-filter.tsx';
import { Loading } from '../parts/loading.tsx';
import { PendingGroups } from '../parts/pending-groups.tsx';
import { Status } from '../parts/status.tsx';
import { links } from '../route.ts';
import { useScope } from '../scope.tsx';

const CHAT_GROUPS = graphql(`
  query ChatGroups(
    $custSpaceId: ID!
    $businessNumber: String!
    $status: ChatGroupStatus
    $subject: String
    $after: String
  ) {
    chatGroups(
      custSpaceId: $custSpaceId
      businessNumber: $businessNumber
      status: $status
      subject: $subject
      first: 20
      after: $after
    ) {
      totalCount
      asOf
      stale
      edges {
        cursor
        node {
          id
          subject
          status
          participantCount
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export function GroupList() {
  const { may } = useScope();
  const [filter, setFilter] = useState<Filter>({});
  return (
    <>
      <div className="row spread">
        <h1>Groups</h1>
        {may('groups:write') && (
          <a className="button primary" href={links.newGroup}>
            New group
          </a>
        )}
      </div>
      <PendingGroups />
      <ListFilter filter={filter} onChange={setFilter} />
      <Groups filter={filter} />
    </>
  );
}

function Groups({ filter }: { readonly filter: Filter }) {
  const { custSpaceId, businessNumber } = useScope();
  const { data, error, loading, fetchMore, refetch } = useQuery(CHAT_GROUPS, {
    variables: { custSpaceId, businessNumber, ...filter },
    notifyOnNetworkStatusChange: true,
  });
  const [moreError, setMoreError] = useState<unknown>();

  if (error) return <ErrorScreen problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  const { edges, totalCount, stale, asOf, pageInfo } = data.chatGroups;
  if (edges.length === 0) return <p className="empty">No groups found.</p>;

  // The cache appends the page to those that are already shown: see `api/cache.ts`.
  function loadMore(): void {
    setMoreError(undefined);
    fetchMore({ variables: { after: pageInfo.endCursor } }).catch(setMoreError);
  }

  return (
    <>
      {stale && (
        <p className="notice">
          This list may be out of date: it is from {new Date(asOf).toLocaleTimeString()}.
        </p>
      )}
      <ul className="card list" aria-label="Groups">
        {edges.map(({ node }) => (
          <li key={node.id}>
            <a className="list-row" href={links.group(node.id)}>
              <span className="avatar" aria-hidden="true">
                {Array.from(node.subject ?? '?')[0]}
              </span>
              <span className="grow">
                <strong>{node.subject ?? 'No subject'}</strong>
                <small className="muted">{memberCount(node.participantCount)}</small>
              </span>
              <Status status={node.status} />
            </a>
          </li>
        ))}
      </ul>
      {moreError !== undefined && <ErrorScreen problem={problemOf(moreError)} onRetry={loadMore} />}
      <div className="row spread">
        <p className="muted" role="status">
          {edges.length} of {totalCount} groups
        </p>
        {pageInfo.hasNextPage && (
          <button onClick={loadMore} disabled={loading}>
            {loading ? 'Loading…' : 'Load more'}
          </button>
        )}
      </div>
    </>
  );
}

function memberCount(count: number | null): string {
  if (count === null) return '';
  return count === 1 ? '1 member' : `${count} members`;
}
