import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One request as it came over the wire. */
export interface WireRequest {
  readonly method: string | undefined;
  readonly path: string;
  /** Raw, as sent. */
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
}

/** Answers one request; `index` counts the requests from 0. */
export type WireAnswer = (response: ServerResponse, request: WireRequest, index: number) => void;

export interface WireDouble {
  readonly host: string;
  readonly requests: readonly WireRequest[];
  /** The queries' parameters, decoded. */
  parameters(index: number): Record<string, string>;
  answer: WireAnswer;
  close(): Promise<void>;
}

/** A server that answers bytes which the test dictates: what a real CAMS, or something in between, might send. */
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
  if (address === null || typeof address === 'string') throw new Error('The double has no port.');
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

/** The connection ends after the request has come. */
export const reset: WireAnswer = (_response, { socket }) => {
  socket.resetAndDestroy();
};

/** Nothing ever comes. */
export const hang: WireAnswer = () => {};
