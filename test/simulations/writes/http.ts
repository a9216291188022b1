import { KeepAliveClient, NoAnswer } from '../../support/keep-alive-client.js';
import { API_KEY, CLIENT_MS } from './settings.js';

export interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  /** JSON, if it was any. */
  readonly body: unknown;
}

const client = new KeepAliveClient(API_KEY, CLIENT_MS);

/** One request; `undefined` when there was no answer, as of a gateway that was killed or is frozen. */
export async function call(
  url: string,
  method: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer | undefined> {
  try {
    const { headers: received, ...answer } = await client.call(url, method, body, headers);
    return { ...answer, replayed: received['idempotency-replayed'] === 'true' };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return undefined;
  }
}

export function closeConnections(): void {
  client.close();
}
