import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { NormalResult } from './normal-clients.js';

const run = promisify(execFile);
const RATE = '250';
const PROBE_TIMEOUT_SECONDS = '3';

interface Mode {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
}

/** The four attacks of slowhttptest. */
export const MODES: readonly Mode[] = [
  { name: 'slow headers', path: '/', args: ['-H', '-i', '2'] },
  {
    name: 'slow body',
    path: '/graphql',
    args: ['-B', '-i', '2', '-s', '8192', '-t', 'POST', '-f', 'application/json'],
  },
  { name: 'ranges', path: '/openapi.json', args: ['-R', '-a', '10', '-b', '3000'] },
  {
    name: 'slow read',
    path: '/openapi.json',
    args: ['-X', '-w', '512', '-y', '1024', '-n', '5', '-z', '32', '-k', '3'],
  },
];

export interface SlowResult {
  readonly mode: string;
  /** Status reports that said that the service is available, and that it is not. */
  readonly available: number;
  readonly unavailable: number;
  readonly normal: NormalResult;
}

/** Runs one mode, and counts what it reports about the service. */
export async function slowHttpTest(
  { path, args }: Mode,
  url: string,
  { count, seconds }: { readonly count: number; readonly seconds: number },
): Promise<Pick<SlowResult, 'available' | 'unavailable'>> {
  const common = ['-c', String(count), '-r', RATE, '-l', String(seconds), '-p', PROBE_TIMEOUT_SECONDS];
  const { stdout } = await run('slowhttptest', [...args, ...common, '-u', url + path]);
  // Its output is colored.
  // oxlint-disable-next-line no-control-regex
  const plain = stdout.replace(/\u001b\[[\d;]*[A-Za-z]/g, '');
  const reports = [...plain.matchAll(/service available:\s*(YES|NO)/g)];
  const available = reports.filter(([, answer]) => answer === 'YES').length;
  return { available, unavailable: reports.length - available };
}
