import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ports that outgoing connections get: while a server is down, none of them may take its place.
const FIRST = 20_000;
const LAST = 29_999;

/** A port on loopback that nobody listens on. */
export async function unusedPort(): Promise<number> {
  const port = randomInt(FIRST, LAST + 1);
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!free) return unusedPort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
