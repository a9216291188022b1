import { useQuery } from '@apollo/client/react';
import { problemOf } from '../api/problem.ts';
import { graphql } from '../gql/index.ts';
import { ErrorScreen } from '../parts/error-screen.tsx';
import { InviteLink } from '../parts/invite-link.tsx';
import { Loading } from '../parts/loading.tsx';
import { Members } from '../parts/members.tsx';
import { Status } from '../parts/status.tsx';
import { links } from '../route.ts';

const CHAT_GROUP = graphql(`
  query ChatGroup($id: ID!) {
    chatGroup(id: $id) {
      id
      custSpaceId
      businessNumber
      groupId
      subject
      description
      status
      inviteLink
      inviteLinkVisible
    }
  }
`);

export function Group({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(CHAT_GROUP, { variables: { id } });
  if (error) return <ErrorScreen problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!data?.chatGroup) return <Loading />;
  const group = data.chatGroup;
  return (
    <>
      <p>
        <a href={links.groups}>← All groups</a>
      </p>
      <div className="row">
        <h1>{group.subject ?? 'No subject'}</h1>
        <Status status={group.status} />
      </div>
      {group.description && <p className="muted">{group.description}</p>}
      <div className="columns">
        <Members groupId={id} />
        <InviteLink group={group} />
      </div>
    </>
  );
}
