import type { Program } from './child.js';
import { gatewayProgram } from './gateway.js';
import type { Environment } from './environment.js';
import { memoryProgram, stockProgram } from './peers.js';
import type { Server, ServerName } from './server.js';

/** Starts a server, which stops with the environment. `env` adds environment variables. */
export async function startServer(
  name: ServerName,
  environment: Environment,
  env: Program['env'] = {},
): Promise<Server> {
  const program = await programOf(name, environment);
  return { name, process: await environment.start({ ...program, env: { ...program.env, ...env } }) };
}

async function programOf(name: ServerName, environment: Environment) {
  switch (name) {
    case 'gateway':
    case 'against':
      return gatewayProgram(environment, await environment.run.build(name));
    case 'stock':
      return stockProgram(environment);
    case 'node:http':
      return memoryProgram(environment, 'node-http');
    default:
      return memoryProgram(environment, name);
  }
}
