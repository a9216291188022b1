import { useQuery } from '@apollo/client/react';
import { graphql } from '../gql/index.ts';
import { links } from '../route.ts';
import { useScope } from '../scope.tsx';

const PENDING = graphql(`
  query PendingOperations($custSpaceId: ID!, $businessNumber: String!) {
    operations(custSpaceId: $custSpaceId, businessNumber: $businessNumber, status: PENDING, first: 5) {
      nodes {
        id
        subject
        status
      }
    }
  }
`);

/** Links to the groups that are still being created. Shows nothing if there are none, or if they cannot be loaded. */
export function PendingGroups() {
  const { custSpaceId, businessNumber } = useScope();
  const { data } = useQuery(PENDING, {
    variables: { custSpaceId, businessNumber },
    fetchPolicy: 'cache-and-network',
  });
  const operations = data?.operations.nodes ?? [];
  if (operations.length === 0) return null;
  return (
    <p className="notice">
      Being created:{' '}
      {operations.map(({ id, subject }) => (
        <a key={id} href={links.operation(id)}>
          {subject}
        </a>
      ))}
    </p>
  );
}
