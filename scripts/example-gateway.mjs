// Starts built gateways for examples and snippets.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const START_TIMEOUT_MS = 30_000;
const root = new URL('..', import.meta.url).pathname;

/** Returns a port that nothing listens on. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(String(port)));
    });
  });
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    // Nothing listens yet.
    return false;
  }
}

/** Starts the built gateway with its sandbox. Only its errors are shown. */
export async function startGateway() {
  const [port, sandboxPort, managementPort] = [await freePort(), await freePort(), await freePort()];
  const env = {
    ...process.env,
    PORT: port,
    SANDBOX_PORT: sandboxPort,
    MANAGEMENT_PORT: managementPort,
    LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(`${url}/openapi.json`))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill();
      throw new Error('The gateway did not start.');
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    sandboxUrl: `http://127.0.0.1:${sandboxPort}`,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    stop: () => child.kill(),
  };
}
