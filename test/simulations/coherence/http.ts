import { KeepAliveClient, type ReceivedAnswer } from '../../support/keep-alive-client.js';
import { API_KEY } from './settings.js';

export interface Answer extends ReceivedAnswer {
  /** Method and path of the request. */
  readonly request: string;
}

/** Longer than the gateway may take for any request. */
const LIMIT_MS = 15_000;

const ORIGIN = /^\w+:\/\/[^/]+/;

const client = new KeepAliveClient(API_KEY, LIMIT_MS);

/** Sends a request. Throws if there is no response. */
export async function call(url: string, method = 'GET', body?: unknown): Promise<Answer> {
  return { ...(await client.call(url, method, body)), request: `${method} ${url.replace(ORIGIN, '')}` };
}

/** Returns the error code of a response. */
export function codeOf({ status, body }: Answer): string {
  const told = body as { code?: string; errors?: { extensions?: { code?: string } }[] } | undefined;
  return told?.code ?? told?.errors?.[0]?.extensions?.code ?? `status ${status}`;
}

export function closeConnections(): void {
  client.close();
}
