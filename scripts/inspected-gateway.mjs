// Starts the built gateway of a checkout, with its sandbox, under the inspector, for scripts that measure it.
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 30_000;
// The first is the log line, the second the text of older builds.
const LISTENS = /(?:"url":"|^Gateway +)(http:[^"\s]+)(?:".*"msg":"started"|$)/m;
const INSPECTOR = /^Debugger listening on (\S+)$/m;

/** A connection to the inspector of another process. */
class Inspector {
  #lastId = 0;
  #waiting = new Map();

  constructor(socket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(data);
      const reply = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reply?.reject(new Error(error.message));
      else reply?.resolve(result);
    });
  }

  static async connect(url) {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener('error', () => reject(new Error(`No inspector at ${url}`)), { once: true });
    });
    return new Inspector(socket);
  }

  /** Calls a method of the Chrome DevTools Protocol. */
  call(method, params = {}) {
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers();
    this.#waiting.set(id, { resolve, reject });
    this.socket.send(JSON.stringify({ id, method, params }));
    return promise;
  }
}

/**
 * Starts `dist/main.js` of a checkout on free ports, with only these settings. Rejects if it exits or does not listen
 * within 30 s.
 * @param {string} root
 * @param {Record<string, string>} settings
 */
export async function startInspectedGateway(root, settings = {}) {
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', 'dist/main.js'], {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: '0', SANDBOX_PORT: '0', MANAGEMENT_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const closed = new Promise((resolve) => child.once('close', resolve));

  const said = async (pattern) => {
    for (const startedAt = Date.now(); ; await delay(20)) {
      const found = pattern.exec(output)?.[1];
      if (found !== undefined) return found;
      if (child.exitCode !== null || Date.now() - startedAt > DEADLINE_MS)
        throw new Error(`The gateway of ${root} did not start: ${output}`);
    }
  };
  const inspector = await Inspector.connect(await said(INSPECTOR));
  return {
    url: await said(LISTENS),
    inspector,
    async close() {
      inspector.socket.close();
      child.kill('SIGTERM');
      await closed;
      process.off('exit', kill);
    },
  };
}
