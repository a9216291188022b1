import type { FastifyReply } from 'fastify';

/** Adds a request header to `Vary`, keeping those that are there, such as `Origin` of CORS. */
export function addVary(reply: FastifyReply, name: string): void {
  const listed = reply.getHeader('Vary');
  if (listed === undefined) return void reply.header('Vary', name);
  const names = String(listed);
  const isListed = names.split(',').some((one) => one.trim().toLowerCase() === name.toLowerCase());
  if (!isListed) void reply.header('Vary', `${names}, ${name}`);
}
