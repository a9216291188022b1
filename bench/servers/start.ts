import { gatewayProgram } from './gateway.js';
import type { Ground } from './ground.js';
import { memoryProgram, stockProgram } from './peers.js';
import type { Server, ServerName } from './server.js';

/** Starts a server on a ground; it ends with it. */
export async function startServer(name: ServerName, ground: Ground): Promise<Server> {
  return { name, process: await ground.start(await programOf(name, ground)) };
}

async function programOf(name: ServerName, ground: Ground) {
  switch (name) {
    case 'gateway':
      return gatewayProgram(ground, await ground.site.redis());
    case 'stock':
      return stockProgram(ground);
    case 'node:http':
      return memoryProgram(ground, 'node-http');
    default:
      return memoryProgram(ground, name);
  }
}
