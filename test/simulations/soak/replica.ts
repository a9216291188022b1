import { execPath } from 'node:process';
import { cpSync } from 'node:fs';
import { GATEWAY_LINE, Program } from '../../support/program.js';
import { unusedPort } from '../../support/unused-port.js';
import type { BuildCopy } from '../coherence/build-copy.js';

export interface Replica {
  readonly name: string;
  readonly url: string;
  readonly managementUrl: string;
  readonly process: Program;
}

interface Start {
  readonly name: string;
  readonly build: BuildCopy;
  readonly settings: Readonly<Record<string, string>>;
  /** Called with the process before it is ready. Whoever starts it has to end it, ready or not. */
  readonly onProcess: (process: Program) => void;
}

const COLLECTOR = new URL('collect-on-signal.mjs', import.meta.url);
/** A busy machine takes half a minute. */
const STARTS_MS = 120_000;
const START_SCRIPT = 'scripts/run.mjs';

/** Starts a gateway of a build on unused ports. */
export async function startReplica({ name, build, settings, onProcess }: Start): Promise<Replica> {
  cpSync(START_SCRIPT, build.file(START_SCRIPT));
  const managementPort = String(await unusedPort());
  const process = new Program(
    [execPath, '--import', COLLECTOR.href, build.file(START_SCRIPT), 'start:prod'],
    { ...settings, PORT: '0', MANAGEMENT_PORT: managementPort },
    { keptChars: 3_000 },
  );
  onProcess(process);
  const url = await process.said(GATEWAY_LINE, STARTS_MS);
  return { name, url, managementUrl: `http://127.0.0.1:${managementPort}`, process };
}
