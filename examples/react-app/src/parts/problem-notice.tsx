import type { Problem } from '../api/problem.ts';

/** A failed mutation, next to the button that sent it. */
export function ProblemNotice({ problem }: { readonly problem: Problem | undefined }) {
  if (problem === undefined) return null;
  return (
    <p className="notice notice-bad" role="alert" data-code={problem.code}>
      {problem.message} {problem.retryable && 'You can safely try again.'}
    </p>
  );
}
