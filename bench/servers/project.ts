import { join } from 'node:path';

/** The folder of this project. */
export const PROJECT_FOLDER = new URL('../../', import.meta.url).pathname;

/** The path of a file of this project. */
export function projectPath(name: string): string {
  return join(PROJECT_FOLDER, name);
}
