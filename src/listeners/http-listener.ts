import { randomUUID } from 'node:crypto';
import {
  METHODS,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayError } from '../errors/gateway-error.js';
import { callerRequestId } from '../request/caller-request-id.js';
import { RequestContext } from '../request/request-context.js';
import { isGraphql } from '../request/request-path.js';
import { type Connection, Connections } from './connections.js';
import { closeAfterDraining, closesConnection } from './draining-close.js';
import { connectRefused, rawResponse, tooManyPipelined, unreadable } from './refusal.js';

/** A request of a listener. */
interface Received extends IncomingMessage {
  /** Set before any other listener sees the request. */
  gateway: RequestContext;
}

/** Returns the context of a request that arrived at an {@link HttpListener}. */
export function contextOf(request: IncomingMessage): RequestContext {
  return (request as Received).gateway;
}

const MAX_HEADER_BYTES = 16 * 1024;
/** Longer than load balancers keep idle connections (60 s is common), so that they never send into a closing one. */
const KEEP_ALIVE_MS = 72_000;
/**
 * Most requests of a connection in flight. Node hands over all that arrived in one piece, up to 64 KiB, without returning to
 * the event loop. Clients of HTTP/1.1 hardly ever pipeline.
 */
const MAX_PIPELINED = 32;
/** How much longer than its maximum time a request may take to end while the listener stops. */
const CLOSING_GRACE_MS = 1_000;
/** How often unused connections are closed meanwhile. */
export const CLOSE_UNUSED_EVERY_MS = 50;
/** What the log has instead of the status of a response that its client did not receive. */
export const CLIENT_LEFT = 499;

export interface Timeouts {
  /** Maximum time for the headers to arrive. */
  readonly headersMs: number;
  /** Maximum time for the whole request to arrive. */
  readonly requestMs: number;
  readonly checkEveryMs: number;
  /** Maximum time without a byte, beyond that for a request: its client may have stopped reading the response. */
  readonly stalledMs: number;
}

const TIMEOUTS: Timeouts = { headersMs: 5_000, requestMs: 15_000, checkEveryMs: 1_000, stalledMs: 10_000 };

export interface ListenerOptions {
  readonly maxConnections: number;
  /** Maximum time per request (`REQUEST_BUDGET_MS`). */
  readonly requestBudgetMs: number;
  readonly timeouts?: Timeouts;
}

/** A request that has ended, for the log. */
export interface EndedRequest {
  readonly context: RequestContext;
  readonly method: string;
  /** 499 if the client left before it received the response, except of a write that was sent: that has its real outcome. */
  readonly status: number;
  readonly clientLeft: boolean;
}

/**
 * A port that speaks HTTP: the limits of its connections, the context of each request from its first byte, and the
 * refusals that no route sends. Every refusal ends its connection.
 */
export class HttpListener {
  /** Headers of the responses that no route sends. */
  headers: Readonly<Record<string, string>> = {};
  /** Called when the headers of a request have arrived. */
  onBegin: (context: RequestContext, request: IncomingMessage) => void = () => undefined;
  /** Called exactly once per request. */
  onEnd: (ended: EndedRequest) => void = () => undefined;
  /** Called for each connection that is closed because of the maximum. */
  onDrop: () => void = () => undefined;

  readonly #connections = new Connections();
  #server: Server | undefined;
  #isStopping = false;
  /** Requests that have not ended. */
  #running = 0;

  constructor(private readonly options: ListenerOptions) {}

  /** Creates the server; Fastify's `serverFactory`. */
  create(handle: RequestListener): Server {
    const { maxConnections, requestBudgetMs, timeouts = TIMEOUTS } = this.options;
    // Called with the response as `this`, so that a request costs no function of its own.
    const onClose = this.#responseListener();
    const server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        // Node would reject a request without Host with an empty response, and the gateway does not need the header.
        requireHostHeader: false,
        headersTimeout: timeouts.headersMs,
        requestTimeout: timeouts.requestMs,
        connectionsCheckingInterval: timeouts.checkEveryMs,
        keepAliveTimeout: KEEP_ALIVE_MS,
        // Even with Node's option for the whole process.
        insecureHTTPParser: false,
      },
      (request, response) => {
        if (this.#refuses(request)) return;
        this.#begin(request, response);
        response.on('close', onClose);
        handle(request, response);
      },
    );
    // Without a listener, Node closes such a connection. A request that is too slow is refused before.
    server.setTimeout(Math.max(requestBudgetMs, timeouts.requestMs) + timeouts.stalledMs);
    server.on('connection', (socket) => {
      if (this.#connections.count >= maxConnections) {
        this.onDrop();
        // Clients that open connections and leave them unused must not keep out others.
        if (!this.#connections.closeOneUnused()) return socket.destroy();
      }
      return this.#connections.add(socket);
    });
    // Unknown expectations may be ignored (RFC 9110, 10.1.1). Node's own response would not be a catalogue error.
    server.on('checkExpectation', (request, response) => server.emit('request', request, response));
    server.on('connect', (request, socket) => {
      // Node has removed its own listener.
      socket.on('error', () => socket.destroy());
      this.#refuse(socket as Socket, connectRefused(), request.method);
    });
    this.#server = server;
    return server;
  }

  /** Handles what Node could not read as a request, too late or too long; Fastify's `clientErrorHandler`. */
  refuseUnreadable({ code }: NodeJS.ErrnoException, socket: Socket): void {
    const latest = this.#connections.of(socket)?.latest;
    const isBody = latest?.req.complete === false;
    const isAnswered = isBody && (latest.writableEnded || latest.headersSent);
    const hasLeft = code === 'ECONNRESET' || (code === 'HPE_INVALID_EOF_STATE' && isBody);
    if (hasLeft || isAnswered || !socket.writable) socket.destroy();
    else this.#refuse(socket, unreadable(code));
  }

  /** Tells clients that the port will close: each response from now on ends its connection if it is the last one. */
  announceStop(): void {
    this.#isStopping = true;
  }

  /**
   * Decides whether a response ends its connection; call it before its headers are sent. It does if too much of the body may be
   * left, or if the port will close, unless another request has arrived: it would be executed without a response.
   */
  beforeHeaders({ raw: response }: { readonly raw: ServerResponse }): void {
    const { req: request } = response;
    const isLast = this.#isStopping && this.#connections.of(request.socket)?.latest === response;
    if (isLast || closesConnection(request)) response.shouldKeepAlive = false;
  }

  /** Accepts no more connections. Resolves when all requests have ended, after their maximum time at the latest. */
  async drain(): Promise<void> {
    this.announceStop();
    this.#server?.close();
    const untilMs = performance.now() + this.options.requestBudgetMs + CLOSING_GRACE_MS;
    for (; this.#running > 0 && performance.now() < untilMs; await sleep(CLOSE_UNUSED_EVERY_MS))
      this.closeUnused();
    if (this.#running > 0) this.#connections.destroyAll();
  }

  /** Closes connections without a request. Call it repeatedly while the server closes, which also ends Node's own timeouts. */
  closeUnused(): void {
    this.#server?.closeIdleConnections();
    this.#connections.closeUnused();
  }

  /**
   * Refuses methods of other protocols, which Node reads but Fastify does not know, and the first request beyond
   * {@link MAX_PIPELINED}, after the responses to the others. Later requests of the connection are not handled.
   */
  #refuses(request: IncomingMessage): boolean {
    const { method = '', socket } = request;
    const connection = this.#connections.of(socket);
    const isHttp = METHODS.includes(method);
    const ends = connection !== undefined && (connection.refusal !== undefined || endsConnection(connection));
    if (isHttp && !ends && (!connection || connection.inFlight < MAX_PIPELINED)) return false;
    request.resume();
    // Nobody would get a response.
    if (ends) return true;
    this.#refuse(socket, isHttp ? tooManyPipelined(MAX_PIPELINED) : unreadable(undefined), method);
    return true;
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    const callers = callerRequestId(request.headers['x-request-id']);
    const context = new RequestContext(randomUUID(), this.options.requestBudgetMs, callers);
    (request as Received).gateway = context;
    this.#running += 1;
    this.onBegin(context, request);
    // Node discards what arrived together with a request for another protocol, so the client must send it again.
    if (this.#isStopping || request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    this.#connections.begin(response);
  }

  #responseListener(): (this: ServerResponse) => void {
    const closed = (response: ServerResponse): void => this.#responseClosed(response);
    return function onClose(this: ServerResponse) {
      closed(this);
    };
  }

  #responseClosed(response: ServerResponse): void {
    const { req: request } = response;
    const context = contextOf(request);
    context.held?.closed();
    context.over();
    this.#connections.end(response);
    if (response.writableFinished) this.#end(request, response.statusCode);
    else if (response.writableEnded) this.#endUnreceived(response);
    // The handler still runs. A write must be logged with its outcome.
    else onceEnded(response, () => this.#endUnreceived(response));
  }

  #endUnreceived({ req: request, statusCode }: ServerResponse): void {
    const hasOutcome = isWrite(request) && !contextOf(request).interest.isLost;
    this.#end(request, hasOutcome ? statusCode : CLIENT_LEFT, true);
  }

  #end(request: IncomingMessage, status: number, clientLeft = false): void {
    const context = contextOf(request);
    const { method = '' } = request;
    if (context.hasEnded) return;
    context.hasEnded = true;
    this.#running -= 1;
    this.onEnd({ context, method, status, clientLeft });
  }

  /** Sends a response that no route sends, and ends the connection. `method` is that of a request that Node gave up. */
  #refuse(socket: Socket, error: GatewayError, method?: string): void {
    const connection = this.#connections.of(socket);
    if (!connection) return void socket.destroy();
    // Node reports every further piece of what it cannot read.
    if (connection.refusal) return;
    const { latest } = connection;
    const arriving = method === undefined && latest?.req.complete === false ? latest.req : undefined;
    connection.refusal = () => {
      if (connection.inFlight > (arriving ? 1 : 0)) return;
      connection.refusal = () => undefined;
      if (!socket.writable) return void socket.destroy();
      const context = arriving
        ? contextOf(arriving)
        : new RequestContext(randomUUID(), this.options.requestBudgetMs);
      context.noteError(error.code, error.status, error.detail, error.options.limit);
      socket.write(rawResponse(error, context.requestId, this.headers));
      if (!context.hasEnded) {
        context.hasEnded = true;
        if (arriving) this.#running -= 1;
        const ended = { context, method: method ?? arriving?.method ?? 'unknown', status: error.status };
        this.onEnd({ ...ended, clientLeft: false });
      }
      // Whoever was too slow is not sending.
      if (error.code === 'REQUEST_TIMEOUT') Socket.prototype.destroySoon.call(socket);
      else closeAfterDraining(socket);
    };
    connection.refusal();
  }
}

/** Whether the connection ends after a response that is being sent. */
function endsConnection({ latest }: Connection): boolean {
  return latest?.shouldKeepAlive === false;
}

/** Calls back when the handler ends a response that has lost its connection, which emits no event. */
function onceEnded(response: ServerResponse, callback: () => void): void {
  const end = response.end.bind(response);
  response.end = (...parameters: unknown[]) => {
    callback();
    return end(...(parameters as Parameters<typeof end>));
  };
}

/** Whether a request is a write that was executed, or refused by its handler. */
function isWrite(request: IncomingMessage): boolean {
  if (contextOf(request).isWrite) return true;
  const { complete, method, url = '' } = request;
  return complete && method !== 'GET' && method !== 'HEAD' && !isGraphql({ url });
}
