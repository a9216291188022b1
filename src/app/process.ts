import 'reflect-metadata';
import { enableCompileCache } from 'node:module';
import { isatty } from 'node:tty';
import { type Config, ConfigError, loadConfig, whyProduction, withSandboxAt } from '../config/config.js';
import type { Sandbox, SandboxSettings } from '../sandbox/sandbox.js';
import type { RunningGateway } from './bootstrap.js';
import { listenFailure } from './listen-failure.js';
import { redact } from '../util/redaction.js';
import { onNpmEnd } from './npm-end.js';

// Exit code for invalid settings. Source: sysexits.h, EX_CONFIG.
const EX_CONFIG = 78;
const STDIN = 0;
const EX_KILLED = 1;
/** Ctrl+C can arrive twice, from the terminal and from npm. Later, a second signal ends the process at once. */
const SAME_REQUEST_MS = 1_000;

// Later starts reuse compiled code. If the cache cannot be written, this has no effect.
enableCompileCache();

/** What to close when the process is asked to stop, latest first. */
const running: (() => Promise<void>)[] = [];
let gateway: RunningGateway | undefined;
let stopping = false;
let stopRequestedAtMs = 0;

async function loadAndStartSandbox(settings: SandboxSettings): Promise<Sandbox> {
  const { startSandbox } = await import('../sandbox/sandbox.js');
  return startSandbox(settings);
}

async function start(settings: Config): Promise<void> {
  if (settings.traces) {
    const { startTracing } = await import('../tracing/sdk.js');
    const traces = await startTracing(settings.traces);
    // Last: the spans of requests in flight are exported, too.
    running.push(() => traces.close());
  }
  // Loaded only now, so that invalid settings are reported immediately.
  const [{ startGateway }, { announce }] = await Promise.all([
    import('./bootstrap.js'),
    import('./announcement.js'),
  ]);
  const sandbox = settings.sandbox && (await loadAndStartSandbox(settings.sandbox));
  if (sandbox) running.unshift(() => sandbox.close());
  const config = sandbox ? withSandboxAt(settings, sandbox.url) : settings;
  const started = await startGateway(config);
  running.unshift(() => started.close());
  gateway = started;
  started.checkAccounts();
  announce(config, started, sandbox?.url);
}

async function stop(reason: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  stopRequestedAtMs = performance.now();
  gateway?.log.info({ reason }, 'stopping');
  for (const close of running) await close();
  gateway?.log.info({ durationMs: Math.round(performance.now() - stopRequestedAtMs) }, 'stopped');
  process.exit(0);
}

function requestStop(reason: string): void {
  stop(reason).catch(fail);
}

function fail(error: unknown): never {
  const faults =
    error instanceof ConfigError ? [...error.faults, ...whyProduction()] : [redact((error as Error).message)];
  process.stderr.write(faults.map((fault) => `${fault}\n`).join(''));
  process.exit(error instanceof ConfigError ? EX_CONFIG : 1);
}

// Also for rejections that nothing handles. Node would print the error as it is, with whatever a library quotes in it.
process.on('uncaughtException', (error) => {
  if (gateway)
    gateway.log.fatal({ msg: 'unexpected error, a bug in the gateway: the process ends', err: error });
  else process.stderr.write(`${redact(String(error.stack ?? error))}\n`);
  process.exit(1);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (!stopping) requestStop(signal);
    else if (performance.now() - stopRequestedAtMs > SAME_REQUEST_MS) process.exit(EX_KILLED);
  });
onNpmEnd(() => requestStop('npm, which started the gateway, has ended'));

const hadTerminal = isatty(STDIN);
process.on('SIGHUP', () => {
  // The kernel sends it when the terminal closes, operators to reload.
  if (hadTerminal && !isatty(STDIN)) requestStop('the terminal was closed');
  else if (!stopping) void gateway?.reload();
});

let settings: Config | undefined;
try {
  settings = loadConfig();
  await start(settings);
} catch (error) {
  fail(settings ? listenFailure(error, settings) : error);
}
