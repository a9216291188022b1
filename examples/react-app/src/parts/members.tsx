import { useQuery } from '@apollo/client/react';
import { type SubmitEvent, useState } from 'react';
import { problemOf } from '../api/problem.ts';
import { useKeyedMutation } from '../api/use-keyed-mutation.ts';
import { graphql } from '../gql/index.ts';
import { useScope } from '../scope.tsx';
import { ErrorScreen } from './error-screen.tsx';
import { Loading } from './loading.tsx';
import { ProblemNotice } from './problem-notice.tsx';

/** Maximum number of members that one request can remove. */
const MAX_REMOVED = 8;

const MEMBERS = graphql(`
  query Members($id: ID!) {
    chatGroup(id: $id) {
      id
      participants {
        id
        phoneNumber
        userId
      }
    }
  }
`);

const REMOVE = graphql(`
  mutation RemoveParticipants($input: RemoveChatGroupParticipantsInput!) {
    removeChatGroupParticipants(input: $input) {
      removedCount
      notRemoved
    }
  }
`);

export function Members({ groupId }: { readonly groupId: string }) {
  const { may } = useScope();
  const { data, error, refetch } = useQuery(MEMBERS, {
    variables: { id: groupId },
    fetchPolicy: 'cache-and-network',
  });
  const { send, sending, problem } = useKeyedMutation(REMOVE);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [result, setResult] = useState('');

  async function remove(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const sent = await send({ id: groupId, participantIds: [...chosen] });
    if (sent === undefined) return;
    const { removedCount, notRemoved } = sent.removeChatGroupParticipants;
    setResult(
      `Removed: ${removedCount}.${notRemoved.length > 0 ? ` Not removed: ${notRemoved.join(', ')}.` : ''}`,
    );
    setChosen([]);
    await refetch();
  }

  if (error) return <ErrorScreen problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!data) return <Loading text="Loading members…" />;
  const members = data.chatGroup?.participants ?? [];
  return (
    <form className="card stack" onSubmit={(event) => void remove(event)}>
      <h2>Members ({members.length})</h2>
      <ul className="members">
        {members.map(({ id, phoneNumber, userId }) => (
          <li key={id}>
            <label>
              {may('participants:remove') && (
                <input
                  type="checkbox"
                  name="member"
                  checked={chosen.includes(id)}
                  disabled={!chosen.includes(id) && chosen.length >= MAX_REMOVED}
                  onChange={({ target }) =>
                    setChosen(target.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
                  }
                />
              )}
              {phoneNumber === null ? `User ${userId}` : `+${phoneNumber}`}
            </label>
          </li>
        ))}
      </ul>
      {members.length === 0 && <p className="muted">This group has no members.</p>}
      <ProblemNotice problem={problem} />
      <p role="status">{result}</p>
      {may('participants:remove') && members.length > 0 && (
        <div>
          <button className="danger" disabled={sending || chosen.length === 0}>
            {sending ? 'Removing…' : `Remove ${chosen.length || ''} selected`}
          </button>
          <p className="hint">Up to {MAX_REMOVED} at a time. Removed members cannot rejoin by invite link.</p>
        </div>
      )}
    </form>
  );
}
