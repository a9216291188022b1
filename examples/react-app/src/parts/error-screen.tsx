import type { Problem } from '../api/problem.ts';
import { links } from '../route.ts';

const TITLES: Readonly<Record<string, string>> = {
  NETWORK: 'The gateway does not respond',
  FORBIDDEN: 'You do not have permission',
  NOT_FOUND: 'Not found',
  RATE_LIMITED: 'Too many requests',
  UPSTREAM_UNAVAILABLE: 'WhatsApp groups are not available',
  UPSTREAM_TIMEOUT: 'WhatsApp groups are not available',
};

export interface ErrorScreenProps {
  readonly problem: Problem;
  onRetry?(): void;
}

/** Shown instead of content that could not be loaded. */
export function ErrorScreen({ problem, onRetry }: ErrorScreenProps) {
  const { code, message, requestId } = problem;
  return (
    <section className="card error-screen" role="alert">
      <span className="error-mark" aria-hidden="true">
        !
      </span>
      <h2>{TITLES[code] ?? 'Something went wrong'}</h2>
      <p>{code === 'NETWORK' ? 'Check your connection, then try again.' : message}</p>
      <p className="row">
        {onRetry && code !== 'FORBIDDEN' && (
          <button className="primary" onClick={onRetry}>
            Try again
          </button>
        )}
        <a href={links.groups}>Show all groups</a>
      </p>
      {requestId !== undefined && (
        <p className="hint">
          {code} · Request <code>{requestId}</code>
        </p>
      )}
    </section>
  );
}
