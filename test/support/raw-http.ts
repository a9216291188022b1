import { connect } from 'node:net';

export interface RawAnswer {
  /** All bytes received. The other properties describe the first response. */
  readonly text: string;
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A part of the request; it is sent once `after` resolves. */
export interface Piece {
  readonly text: string;
  readonly after?: () => Promise<unknown>;
}

/** Sends bytes that no HTTP client would send, and reads until the server closes the connection. */
export async function sendRaw(url: string, pieces: readonly Piece[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const received: Buffer[] = [];
  const closed = new Promise<void>((resolve) => {
    socket.on('data', (data) => received.push(data));
    // A server that has responded may reset the connection while data is still being sent.
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  for (const { text, after } of pieces) {
    await after?.();
    if (!socket.destroyed) socket.write(text, 'latin1');
  }
  await closed;
  const text = Buffer.concat(received).toString('utf8');
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  return {
    text,
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]),
    head,
    body,
  };
}
