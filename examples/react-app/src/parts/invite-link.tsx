import { useState } from 'react';
import { useKeyedMutation } from '../api/use-keyed-mutation.ts';
import { graphql } from '../gql/index.ts';
import type { ChatGroupQuery } from '../gql/graphql.ts';
import { useScope } from '../scope.tsx';
import { ProblemNotice } from './problem-notice.tsx';
import { QrCode } from './qr-code.tsx';

// The payload has the ID of the group, so the cache updates every screen that shows it.
const CREATE_LINK = graphql(`
  mutation CreateInviteLink($input: CreateChatGroupInviteLinkInput!) {
    createChatGroupInviteLink(input: $input) {
      chatGroup {
        id
        inviteLink
      }
    }
  }
`);

export interface InviteLinkProps {
  readonly group: NonNullable<ChatGroupQuery['chatGroup']>;
}

export function InviteLink({ group }: InviteLinkProps) {
  const { may } = useScope();
  const { send, sending, problem } = useKeyedMutation(CREATE_LINK);
  const [isCopied, setIsCopied] = useState(false);
  const { id, inviteLink, inviteLinkVisible } = group;

  async function copy(link: string): Promise<void> {
    await navigator.clipboard.writeText(link);
    setIsCopied(true);
  }

  return (
    <section className="card stack">
      <h2>Invite link</h2>
      {!inviteLinkVisible && <p className="muted">You do not have permission to see the invite link.</p>}
      {inviteLinkVisible && !inviteLink && <p className="muted">This group has no invite link.</p>}
      {inviteLink && (
        <>
          <QrCode key={inviteLink} group={group} />
          <p className="row">
            <a className="link-text" href={inviteLink}>
              {inviteLink}
            </a>
            <button onClick={() => void copy(inviteLink)}>{isCopied ? 'Copied' : 'Copy'}</button>
          </p>
        </>
      )}
      <ProblemNotice problem={problem} />
      {may('groups:invite') && (
        <div>
          <button disabled={sending} onClick={() => void send({ id })}>
            {inviteLink ? 'Replace link' : 'Create link'}
          </button>
          {inviteLink && <p className="hint">A new link makes the current one invalid.</p>}
        </div>
      )}
    </section>
  );
}
