import type { TypedDocumentNode } from '@apollo/client';
import { useMutation } from '@apollo/client/react';
import { useRef, useState } from 'react';
import { type Problem, problemOf } from './problem.ts';

/** What the user wants, and the idempotency key that stands for it. */
interface Intent {
  readonly input: string;
  readonly key: string;
}

type Keyed = { idempotencyKey?: string | null };

export interface KeyedMutation<Data, Input> {
  /** Sends the mutation. Returns `undefined` if it failed: `problem` says why. */
  send(input: Omit<Input, 'idempotencyKey'>): Promise<Data | undefined>;
  readonly sending: boolean;
  readonly problem: Problem | undefined;
}

/**
 * A mutation with one idempotency key for each intent of the user. The key stays the same while the user retries the
 * same input, so a lost response never leads to a second write. Changed input, a success and a final refusal end it.
 */
export function useKeyedMutation<Data, Input extends Keyed>(
  mutation: TypedDocumentNode<Data, { input: Input }>,
): KeyedMutation<Data, Input> {
  const [mutate, { loading }] = useMutation(mutation as TypedDocumentNode<Data, { input: unknown }>, {
    // What was executed in part has both data and an error, such as a group without its invite link. It is a success.
    errorPolicy: 'all',
  });
  const [problem, setProblem] = useState<Problem>();
  const intent = useRef<Intent>(undefined);

  async function send(input: Omit<Input, 'idempotencyKey'>): Promise<Data | undefined> {
    const text = JSON.stringify(input);
    if (intent.current?.input !== text) intent.current = { input: text, key: crypto.randomUUID() };
    setProblem(undefined);
    try {
      const { data, error } = await mutate({
        variables: { input: { ...input, idempotencyKey: intent.current.key } },
      });
      if (!data) throw error;
      intent.current = undefined;
      return data as Data;
    } catch (error) {
      const found = problemOf(error);
      if (!found.retryable) intent.current = undefined;
      setProblem(found);
      return undefined;
    }
  }

  return { send, sending: loading, problem };
}
