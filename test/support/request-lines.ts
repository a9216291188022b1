import { eventually } from './eventually.js';
import type { GatewayProcess } from './gateway-process.js';
import type { Json } from './gateway.js';

/** Returns the lines of the request log so far. */
export function requestLines(gateway: GatewayProcess): Json[] {
  const lines = gateway.output().split('\n');
  return lines.filter((line) => line.includes('"msg":"request"')).map((line) => JSON.parse(line));
}

/** Waits until the request log has a line that matches, and returns all that do. */
export function linesThat(gateway: GatewayProcess, matches: (line: Json) => boolean): Promise<Json[]> {
  return eventually(async () => {
    const found = requestLines(gateway).filter(matches);
    return found.length > 0 ? found : undefined;
  });
}
