import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeAfterDraining } from './draining-close.js';

/** An open connection. */
export interface Connection {
  /** Response to the latest request whose headers have arrived. */
  latest?: ServerResponse;
  /** Requests whose response has not been sent completely. */
  inFlight: number;
  /** Responses that wait for that of an earlier request. They have no socket yet, whose end they would report. */
  waiting?: Set<ServerResponse>;
  /** Refuses what was not a request, once the responses to earlier requests are sent. */
  refusal?: () => void;
}

/** How long connections without a complete request stay open after {@link Connections.closeUnused} is first called. */
const CLOSING_GRACE_MS = 1_000;

/** The open connections of a listener, and their requests in flight. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  /** Those without a request in flight, least recently used first. */
  readonly #unused = new Set<Socket>();
  #closingSinceMs: number | undefined;

  get count(): number {
    return this.#open.size;
  }

  of(socket: Socket): Connection | undefined {
    return this.#open.get(socket);
  }

  add(socket: Socket): void {
    const connection: Connection = { inFlight: 0 };
    this.#open.set(socket, connection);
    this.#unused.add(socket);
    // What Node calls after a response that closes the connection: more requests may be on their way.
    socket.destroySoon = () => closeAfterDraining(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#unused.delete(socket);
      for (const response of connection.waiting ?? []) if (!response.closed) response.emit('close');
    });
  }

  /** Notes a request whose headers have arrived. */
  begin(response: ServerResponse): void {
    const connection = this.#open.get(response.req.socket);
    if (!connection) return;
    connection.latest = response;
    connection.inFlight += 1;
    this.#unused.delete(response.req.socket);
    if (response.socket === null) (connection.waiting ??= new Set()).add(response);
  }

  /** Notes that a response was sent, or its client has left. */
  end(response: ServerResponse): void {
    const connection = this.#open.get(response.req.socket);
    if (!connection) return;
    connection.inFlight -= 1;
    if (connection.inFlight === 0) this.#unused.add(response.req.socket);
    connection.waiting?.delete(response);
    connection.refusal?.();
  }

  /** Closes the least recently used connection that has no request in flight. Returns whether there was one. */
  closeOneUnused(): boolean {
    for (const socket of this.#unused) {
      this.#open.delete(socket);
      this.#unused.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  /** Closes connections without a request in flight. In the first second, those whose request is still arriving stay open. */
  closeUnused(): void {
    this.#closingSinceMs ??= performance.now();
    if (performance.now() - this.#closingSinceMs < CLOSING_GRACE_MS) return;
    for (const [socket, { inFlight, latest }] of this.#open) {
      const arriving = latest?.req.complete === false ? 1 : 0;
      if (inFlight - arriving <= 0) socket.destroy();
    }
  }

  destroyAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }
}
