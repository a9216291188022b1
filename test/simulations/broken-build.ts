import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A step of the gateway, and the change that removes it from a build. */
export interface Step {
  readonly what: string;
  /** A file of the build. */
  readonly file: string;
  readonly from: RegExp;
  readonly to: string;
}

/** Removes a step from the build in this folder. Throws if the code to change is not found. */
export function breakStep(steps: Readonly<Record<string, Step>>, dist: string, name: string): void {
  const step = steps[name];
  if (!step) throw new Error(`Unknown step: ${name}.`);
  const path = join(dist, step.file);
  const text = readFileSync(path, 'utf8');
  const changed = text.replace(step.from, step.to);
  if (changed === text) throw new Error(`The code of the step ${name} was not found in ${step.file}.`);
  writeFileSync(path, changed);
}
