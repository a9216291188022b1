import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** A dependency whose files are served. It is resolved as Node would resolve it, but its code is not executed. */
export class InstalledPackage {
  readonly version: string;
  private readonly directory: string;

  constructor(name: string) {
    const manifest = require.resolve(`${name}/package.json`);
    const { version }: { version: string } = require(manifest);
    this.version = version;
    this.directory = dirname(manifest);
  }

  read(file: string): Promise<Buffer> {
    return readFile(join(this.directory, file));
  }
}
