import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** One piece of a request; `afterMs` is how long a slow client waits before it sends it. */
export interface Piece {
  readonly text: string;
  readonly afterMs?: number;
}

/** Sends bytes as they are, which no HTTP client would, and reads until the server closes the connection. */
export async function sendRaw(url: string, pieces: readonly Piece[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const received: Buffer[] = [];
  const closed = new Promise<void>((resolve) => {
    socket.on('data', (data) => received.push(data));
    // A server that has answered may reset what is still being sent.
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  for (const { text, afterMs = 0 } of pieces) {
    if (afterMs > 0) await wait(afterMs);
    if (!socket.destroyed) socket.write(text, 'latin1');
  }
  await closed;
  const answer = Buffer.concat(received).toString('utf8');
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body };
}
