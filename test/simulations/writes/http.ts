import { KeepAliveClient, NoAnswer } from '../../support/keep-alive-client.js';
import { API_KEY, CLIENT_MS } from './settings.js';

export interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  /** Parsed JSON, if there was any. */
  readonly body: unknown;
}

const client = new KeepAliveClient(API_KEY, CLIENT_MS);

/** Sends one request. Returns `undefined` if there is no response, as when the gateway is killed or frozen. */
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
