import { spawn } from 'node:child_process';
import { eventually } from './eventually.js';
import type { Answer, RequestOptions, TestGateway } from './gateway.js';
import { SandboxControl } from './sandbox-control.js';

/** The built gateway in a process of its own, whose output is what an operator would see. */
export interface GatewayProcess extends TestGateway {
  /** All of standard output and standard error. */
  output(): string;
}

/** Starts it with these settings alone, and the sandbox; `key` is whose requests they are. */
export async function startGatewayProcess(
  settings: Record<string, string>,
  key: string,
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH: process.env['PATH'], PORT: '0', SANDBOX_PORT: '0', MANAGEMENT_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const line = async (pattern: RegExp): Promise<string> =>
    eventually(async () => {
      if (child.exitCode !== null) throw new Error(`The gateway ended with ${child.exitCode}: ${output}`);
      return pattern.exec(output)?.[1];
    });
  const url = await line(/^Gateway +(\S+)$/m);
  const sandboxUrl = await line(/^CAMS sandbox (\S+)/m);
  const rest = (path: string, options: RequestOptions = {}): Promise<Answer> =>
    request(url + path, { key, ...options });
  return {
    url,
    managementUrl: undefined,
    sandbox: new SandboxControl(sandboxUrl),
    rest,
    graphql: (query, variables = {}, options = {}) =>
      rest('/graphql', { method: 'POST', body: { query, variables }, ...options }),
    output: () => output,
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function request(
  url: string,
  { key, method = 'GET', body, headers = {} }: RequestOptions,
): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json = answer.headers.get('content-type')?.includes('json') === true && text !== '';
  const parsed: unknown = json ? JSON.parse(text) : undefined;
  return { status: answer.status, headers: answer.headers, body: parsed, text };
}
