import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Longer bodies are never accepted. */
export const MAX_BODY_BYTES = 64 * 1024;

const MAX_DRAINED_BYTES = 8 * 1024 * 1024;
const MAX_DRAINING_MS = 5_000;

/**
 * Ends the connection once its response is sent. What the client is still sending is discarded, up to 8 MiB and for 5 s:
 * closing a socket with unread data resets it, and the client may then never read the response.
 */
export function closeAfterDraining(socket: Socket): void {
  const maxBytesRead = socket.bytesRead + MAX_DRAINED_BYTES;
  const timer = setTimeout(() => socket.destroy(), MAX_DRAINING_MS).unref();
  // Without the listener of HTTP, nothing that arrives is a request any more.
  socket
    .removeAllListeners('data')
    .on('data', () => {
      if (socket.bytesRead > maxBytesRead) socket.destroy();
    })
    .on('end', () => socket.destroy())
    .once('close', () => clearTimeout(timer));
  socket.end();
  socket.resume();
}

/**
 * Returns whether a response that is sent now must close the connection, because too much of the body may be left. If so, set
 * its `shouldKeepAlive` to false: Node then adds the header.
 */
export function closesConnection(request: IncomingMessage): boolean {
  return !request.complete && hasLongBody(request.headers);
}

/** Node itself discards the rest of a short body, and then reads the next request. */
function hasLongBody({
  'content-length': length,
  'transfer-encoding': encoding,
}: IncomingHttpHeaders): boolean {
  return encoding !== undefined || Number(length ?? 0) > MAX_BODY_BYTES;
}
