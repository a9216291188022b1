import { useApolloClient } from '@apollo/client/react';
import type { SubmitEvent } from 'react';
import { useKeyedMutation } from '../api/use-keyed-mutation.ts';
import { graphql } from '../gql/index.ts';
import { ErrorScreen } from '../parts/error-screen.tsx';
import { Field } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { goTo, links } from '../route.ts';
import { useScope } from '../scope.tsx';

const CREATE_CHAT_GROUP = graphql(`
  mutation CreateChatGroup($input: CreateChatGroupInput!) {
    createChatGroup(input: $input) {
      operation {
        id
        status
      }
      chatGroup {
        id
      }
    }
  }
`);

export function CreateGroup() {
  const { custSpaceId, businessNumber, may } = useScope();
  const { cache } = useApolloClient();
  const { send, sending, problem } = useKeyedMutation(CREATE_CHAT_GROUP);
  const violations = problem?.violations ?? {};
  const isFieldProblem = 'subject' in violations || 'description' in violations;

  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const description = String(form.get('description'));
    const data = await send({
      custSpaceId,
      businessNumber,
      subject: String(form.get('subject')),
      // An empty text is not a description, so leave it out.
      ...(description && { description }),
      withInviteLink: may('groups:invite'),
    });
    if (data === undefined) return;
    const { operation, chatGroup } = data.createChatGroup;
    cache.evict({ fieldName: 'chatGroups' });
    // WhatsApp can take a while to list a new group. Until then, its operation stands for it.
    goTo(chatGroup ? links.group(chatGroup.id) : links.operation(operation.id));
  }

  if (problem?.code === 'FORBIDDEN') return <ErrorScreen problem={problem} />;
  return (
    <>
      <p>
        <a href={links.groups}>← All groups</a>
      </p>
      <form className="card stack" onSubmit={(event) => void submit(event)} noValidate>
        <h1>New group</h1>
        <Field label="Subject" name="subject" hint="1–128 characters" violation={violations.subject} />
        <Field
          label="Description"
          name="description"
          hint="Optional, up to 2048 characters"
          violation={violations.description}
        />
        {!isFieldProblem && <ProblemNotice problem={problem} />}
        <p className="row">
          <button className="primary" disabled={sending}>
            {sending ? 'Creating…' : problem?.retryable ? 'Try again' : 'Create group'}
          </button>
          <a href={links.groups}>Cancel</a>
        </p>
      </form>
    </>
  );
}
