import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ephemeral port range, so that no outgoing connection takes the port of a server that is down.
const FIRST = 20_000;
const LAST = 29_999;

/** Returns an unused port on loopback. */
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
