import { KeepAliveClient, type ReceivedAnswer } from '../../support/keep-alive-client.js';
import { API_KEY } from './settings.js';

export interface Answer extends ReceivedAnswer {
  /** What was asked. */
  readonly request: string;
}

/** Longer than a gateway may take for anything. */
const LIMIT_MS = 15_000;

const ORIGIN = /^\w+:\/\/[^/]+/;

const client = new KeepAliveClient(API_KEY, LIMIT_MS);

/** Throws when there was no answer. */
export async function call(url: string, method = 'GET', body?: unknown): Promise<Answer> {
  return { ...(await client.call(url, method, body)), request: `${method} ${url.replace(ORIGIN, '')}` };
}

/** Of the catalogue of errors. */
export function codeOf({ status, body }: Answer): string {
  const told = body as { code?: string; errors?: { extensions?: { code?: string } }[] } | undefined;
  return told?.code ?? told?.errors?.[0]?.extensions?.code ?? `status ${status}`;
}

export function closeConnections(): void {
  client.close();
}
