import type { Child } from './child.js';

export const SERVER_NAMES = [
  'gateway',
  'against',
  'stock',
  'mercurius',
  'fastify',
  'fastify-etag',
  'fastify-compress',
  'fastify-7-fields',
  'node:http',
] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** A running server to measure. */
export interface Server {
  readonly name: ServerName;
  readonly process: Child;
}
