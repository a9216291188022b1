import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One request as received. */
export interface WireRequest {
  readonly method: string | undefined;
  readonly path: string;
  /** Raw, as sent. */
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
}

/** Responds to one request; `index` counts the requests from 0. */
export type WireAnswer = (response: ServerResponse, request: WireRequest, index: number) => void;

export interface WireDouble {
  readonly host: string;
  readonly requests: readonly WireRequest[];
  /** Returns the decoded query parameters of a request. */
  parameters(index: number): Record<string, string>;
  answer: WireAnswer;
  close(): Promise<void>;
}

/** Starts a server that sends exactly the bytes a test specifies, as the real CAMS or an intermediary might. */
export async function startWireDouble(answer: WireAnswer = json({ Code: 'OK' })): Promise<WireDouble> {
  const requests: WireRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const [path = '', query = ''] = (incoming.url ?? '').split('?');
      const request: WireRequest = {
        method: incoming.method,
        path,
        query,
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
        socket: incoming.socket,
      };
      requests.push(request);
      double.answer(response, request, requests.length - 1);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The test double has no port.');
  const double: WireDouble = {
    host: `127.0.0.1:${address.port}`,
    requests,
    parameters: (index) => Object.fromEntries(new URLSearchParams(requests[index]?.query)),
    answer,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): WireAnswer {
  return raw(JSON.stringify(body), status, { 'content-type': 'application/json', ...headers });
}

export function raw(body: string, status = 200, headers: Record<string, string> = {}): WireAnswer {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Resets the connection after the request was received. */
export const reset: WireAnswer = (_response, { socket }) => {
  socket.resetAndDestroy();
};

/** Never responds. */
export const hang: WireAnswer = () => {};
