import { readdirSync } from 'node:fs';
import { GATEWAY_LINE, Program } from '../../support/program.js';

/** The built gateway in its own process, with its sandbox. */
export interface CountedGateway {
  readonly url: string;
  /** Open descriptors of the process. */
  descriptors(): number;
  close(): Promise<void>;
}

const KEPT_CHARACTERS = 100_000;

export async function startGateway(): Promise<CountedGateway> {
  const settings = {
    PORT: '0',
    SANDBOX_PORT: '0',
    MANAGEMENT_PORT: '0',
    // Its quota refuses no normal request.
    TENANTS_FILE: 'test/support/tenants.quotas.yaml',
  };
  const program = new Program('dist/main.js', settings, { keptChars: KEPT_CHARACTERS });
  const url = await program.said(GATEWAY_LINE);
  return {
    url,
    descriptors: () => readdirSync(`/proc/${program.pid}/fd`).length,
    close: () => program.end('SIGTERM'),
  };
}
