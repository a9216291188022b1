import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breakStep } from './broken-steps.js';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** A copy of the build that later builds do not affect. A step may be removed from it. */
export class BuildCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'gateway-coherence-'));

  constructor(broken: string | undefined) {
    const dist = join(this.folder, 'dist');
    cpSync(join(ROOT, 'dist'), dist, { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(this.folder, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
    try {
      if (broken !== undefined) breakStep(dist, broken);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
