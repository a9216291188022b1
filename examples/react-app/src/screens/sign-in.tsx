import type { SubmitEvent } from 'react';
import { GATEWAY_URL } from '../api/client.ts';

// The public key of the gateway's sandbox. No gateway accepts it without the sandbox, and the form is only prefilled
// with it if the gateway runs on this machine.
const DEMO_KEY = `cgk_acme.${'A'.repeat(43)}`;
const IS_LOCAL = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(GATEWAY_URL).hostname);

export interface SignInProps {
  onKey(apiKey: string): void;
  readonly wasRejected: boolean;
}

export function SignIn({ onKey, wasRejected }: SignInProps) {
  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    onKey(String(new FormData(event.currentTarget).get('apiKey')).trim());
  }

  return (
    <main className="sign-in">
      <form className="card stack" onSubmit={submit}>
        <h1>Chat groups</h1>
        <p className="muted">The WhatsApp groups of your business.</p>
        {wasRejected && (
          <p className="notice notice-bad" role="alert">
            The gateway did not accept this API key.
          </p>
        )}
        <div className="field">
          <label htmlFor="api-key">API key</label>
          <input
            id="api-key"
            name="apiKey"
            type="password"
            autoComplete="off"
            required
            defaultValue={IS_LOCAL ? DEMO_KEY : ''}
            aria-describedby="api-key-hint"
          />
          <p className="hint" id="api-key-hint">
            {IS_LOCAL ? 'Prefilled with the demo key of the sandbox. ' : ''}
            Kept in this tab until you close it or sign out.
          </p>
        </div>
        <button className="primary">Sign in</button>
        <p className="hint">Gateway: {GATEWAY_URL}</p>
      </form>
    </main>
  );
}
