import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The keys of the sandbox's demo tenant. */
export const API_KEY = `cgk_acme.${'A'.repeat(43)}`;
export const READ_ONLY_KEY = `cgk_acme-readonly.${'C'.repeat(43)}`;

export interface Gateway {
  readonly url: string;
  /** Changes a setting of the sandbox, such as how long new groups are not listed. */
  set(settings: { readonly unlistedMs: number }): Promise<void>;
  /** Makes calls to CAMS fail until {@link heal}. */
  fail(action: string, kind: string, count?: number): Promise<void>;
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** Returns the gateway at `GATEWAY_URL`, or else starts the built one. */
export async function openGateway(): Promise<Gateway> {
  const { GATEWAY_URL, SANDBOX_URL } = process.env;
  return GATEWAY_URL && SANDBOX_URL ? gateway(GATEWAY_URL, SANDBOX_URL) : startGateway();
}

/** Starts the built gateway with these settings, and its sandbox, both on free ports. */
export async function startGateway(settings: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: new URL('../..', import.meta.url),
    env: { PORT: '0', SANDBOX_PORT: '0', MANAGEMENT_PORT: '0', LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const urls = await loggedUrls(child);
  return gateway(urls.gateway, urls.sandbox, child);
}

function gateway(url: string, sandboxUrl: string, child?: ChildProcess): Gateway {
  async function control(method: string, name: string, body: object): Promise<void> {
    const response = await fetch(`${sandboxUrl}/__sandbox__/${name}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
  }
  return {
    url,
    set: (settings) => control('POST', 'settings', settings),
    fail: (action, kind, count) => control('POST', 'faults', { action, kind, count }),
    heal: () => control('DELETE', 'faults', {}),
    async close() {
      if (child?.kill()) await once(child, 'exit');
    },
  };
}

/** Reads the addresses in the log line that the gateway writes when it is ready. */
async function loggedUrls(child: ChildProcess): Promise<{ gateway: string; sandbox: string }> {
  for await (const text of createInterface({ input: child.stdout! })) {
    const line = JSON.parse(text) as { msg: string; url: string; sandboxUrl: string };
    if (line.msg !== 'started') continue;
    child.stdout!.resume();
    return { gateway: line.url, sandbox: line.sandboxUrl };
  }
  throw new Error('The gateway did not start. Run `npm run build` in the root folder first.');
}
