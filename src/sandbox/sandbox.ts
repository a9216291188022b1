import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { SandboxAccount } from './account.js';
import { htmlPage, refused, type Answer } from './responses.js';
import { CallLog } from './call-log.js';
import { refuseControl } from './control-access.js';
import { control, CONTROLS_PATH, type Controlled } from './controls.js';
import { Faults } from './faults.js';
import { Refusal } from './refusal.js';
import { Rpc } from './rpc.js';
import type { SandboxSettings } from './settings.js';
import { Timers } from './timers.js';

export type { SandboxSettings } from './settings.js';
export { CREDENTIALS, SECURITY_TOKEN } from './credentials.js';

/** A running emulator of CAMS. */
export interface Sandbox {
  /** `http://127.0.0.1:<port>`, unless it listens on another address. */
  readonly url: string;
  /** Closes all connections, including those with requests in flight, and then the server. */
  close(): Promise<void>;
}

/** Sources of time and randomness, replaceable in tests. */
export interface SandboxOptions {
  readonly clock?: () => number;
  /** Used for faults with a ratio. Returns a number from 0 to below 1. */
  readonly random?: () => number;
}

const MAX_URL_BYTES = 65_536;
/** Fits the largest URL and the headers; Node counts both. */
const MAX_HEADER_BYTES = 131_072;
const MAX_BODY_BYTES = 4_194_304;

/**
 * Starts the emulator, with the upstream's wire protocol at `/` and the controls under `/__sandbox__/`.
 * Rejects with Node's error if it cannot listen, for example `EADDRINUSE` if the settings do not allow another port.
 */
export async function startSandbox(
  settings: SandboxSettings,
  options: SandboxOptions = {},
): Promise<Sandbox> {
  const { clock = Date.now, random = Math.random } = options;
  const timers = new Timers();
  const controlled = {
    account: new SandboxAccount(settings, clock),
    faults: new Faults(random),
    calls: new CallLog(),
    timers,
  };
  const rpc = new Rpc(controlled.account, controlled.faults, controlled.calls, timers);
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    serve(request, response, rpc, controlled, settings.host).catch((error: unknown) => {
      // A caller that disconnected needs no response. A bug in the sandbox must not look like a requested fault.
      if (response.headersSent || request.socket.destroyed) response.destroy();
      else
        send(response, {
          status: 500,
          contentType: 'text/plain',
          body: `The sandbox has a bug: ${String(error)}`,
        });
    });
  });
  // Closing idle connections would cause writes of unknown outcome that no fault asked for.
  server.keepAliveTimeout = 0;
  server.on('clientError', refuseUnreadable);
  const port = await listen(server, settings);
  return {
    // All addresses include that of this machine.
    url: `http://${settings.host === '0.0.0.0' ? '127.0.0.1' : settings.host}:${port}`,
    async close() {
      timers.callOff();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, settings: SandboxSettings): Promise<number> {
  try {
    return await listenOn(server, settings.host, settings.port);
  } catch (error) {
    if (!isPortTaken(error) || !settings.fallbackToFreePort) throw error;
    return listenOn(server, settings.host, 0);
  }
}

function isPortTaken(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
}

async function listenOn(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return address.port;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  rpc: Rpc,
  controlled: Controlled,
  host: string,
): Promise<void> {
  const { method = '', url = '/' } = request;
  if (url.length > MAX_URL_BYTES) return send(response, htmlPage(414, 'Request-URI Too Large'));
  const body = await readBody(request);
  if (body === null) return send(response, htmlPage(413, 'Request Entity Too Large'));
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);

  if (path.startsWith(CONTROLS_PATH)) {
    const refusal = refuseControl(request.headers, host, body.length > 0);
    const answer = refusal
      ? { status: refusal.status, body: { error: refusal.message } }
      : control(controlled, method, path.slice(CONTROLS_PATH.length), {
          query: new URLSearchParams(query),
          body: body.toString(),
        });
    if ('allow' in answer && answer.allow !== undefined) response.setHeader('allow', answer.allow);
    return send(response, { ...answer, contentType: 'application/json', body: JSON.stringify(answer.body) });
  }
  const headers = headersOf(request);
  if ((method !== 'POST' && method !== 'GET') || path !== '/') {
    const refusal =
      path === '/'
        ? new Refusal('UnsupportedHTTPMethod', 'This http method is not supported.')
        : new Refusal('InvalidApi.NotFound', 'Specified api is not found, please check your url and method.');
    if (path === '/') response.setHeader('allow', 'GET, POST');
    return send(response, refused(refusal, '', headers.get('host') ?? ''));
  }
  const reply = await rpc.handle({ method, path, query, headers, body });
  if (reply === 'reset') request.socket.resetAndDestroy();
  else if (reply !== 'hang') {
    response.setHeader('date', new Date(controlled.account.protocolTime).toUTCString());
    send(response, reply);
  }
}

function send(response: ServerResponse, { status, contentType, body, headers }: Omit<Answer, 'code'>): void {
  response
    .writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body), ...headers })
    .end(body);
}

/** Returns the whole body, or null if it is larger than any client of the upstream would send. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Read and discard the rest: leaving the loop would destroy the connection before the error response is sent.
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks);
}

function headersOf(request: IncomingMessage): Map<string, string> {
  return new Map(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  );
}

/** Responds to requests that Node could not parse. Usually the URL is too long, as it carries all parameters. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return;
  const reason = error.code === 'HPE_HEADER_OVERFLOW' ? '414 Request-URI Too Large' : '400 Bad Request';
  socket.end(`HTTP/1.1 ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
