import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A step of the protocol of writes, and how a build does without it. */
interface Step {
  readonly what: string;
  /** A file of the build. */
  readonly file: string;
  readonly from: RegExp;
  readonly to: string;
}

export const STEPS: Readonly<Record<string, Step>> = {
  sent: {
    what: 'a write is sent without its record saying so before',
    file: 'idempotency/write-recorder.js',
    from: /async sending\(facts\) \{/,
    to: 'async sending(facts) { this.#sentAtMs = performance.now(); return;',
  },
};

/** Takes the step out of the build in this folder. Throws when it is not where it was. */
export function breakStep(dist: string, name: string): void {
  const step = STEPS[name];
  if (!step) throw new Error(`There is no step ${name}.`);
  const path = join(dist, step.file);
  const text = readFileSync(path, 'utf8');
  const changed = text.replace(step.from, step.to);
  if (changed === text) throw new Error(`The step ${name} is not where it was in ${step.file}.`);
  writeFileSync(path, changed);
}
