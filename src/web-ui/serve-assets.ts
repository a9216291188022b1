import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addVary } from '../request/vary.js';
import type { Asset } from './asset.js';
import { PAGE_ROUTE, securityHeaders } from './page-headers.js';

type Headers = Readonly<Record<string, string>>;

// The policy of its own script applies to a worker, and our workers load nothing.
const ASSET_HEADERS = {
  ...securityHeaders({}),
  'Cache-Control': 'public, max-age=31536000, immutable',
  Vary: 'Accept-Encoding',
};

/** Serves each asset at its path, compressed if the browser supports it, with an ETag for revalidation. */
export function serveAssets(fastify: FastifyInstance, assets: readonly Asset[]): void {
  for (const asset of assets) {
    fastify.get(asset.path, PAGE_ROUTE, (request, reply) => send(asset, ASSET_HEADERS, request, reply));
  }
}

/** Serves a page at its path like an asset, except that browsers ask each time whether it has changed. */
export function servePage(fastify: FastifyInstance, page: Asset, headers: Headers): void {
  fastify.get(page.path, PAGE_ROUTE, (request, reply) => {
    addVary(reply, 'Accept-Encoding');
    return send(page, headers, request, reply);
  });
}

async function send(
  asset: Asset,
  headers: Headers,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = await asset.body(request.headers['accept-encoding']);
  void reply.headers({ ...headers, ETag: body.etag });
  if (request.headers['if-none-match']?.includes(body.etag)) return reply.code(304).send();
  if (body.encoding) void reply.header('Content-Encoding', body.encoding);
  return reply.type(asset.contentType).send(body.bytes);
}
