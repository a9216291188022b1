import 'reflect-metadata';
import { enableCompileCache } from 'node:module';
import { type Config, ConfigError, loadConfig, withSandboxAt } from './config/config.js';
import type { Sandbox, SandboxSettings } from './sandbox/sandbox.js';

// Exit code for invalid settings. Source: sysexits.h, EX_CONFIG.
const EX_CONFIG = 78;

// Later starts reuse compiled code. If the cache cannot be written, this has no effect.
enableCompileCache();

/** What to close when the process is asked to stop, latest first. */
const running: (() => Promise<void>)[] = [];

async function loadAndStartSandbox(settings: SandboxSettings): Promise<Sandbox> {
  const { startSandbox } = await import('./sandbox/sandbox.js');
  return startSandbox(settings);
}

async function start(settings: Config): Promise<void> {
  // Loaded only now, so that invalid settings are reported immediately.
  const [{ startGateway }, { printWelcome }] = await Promise.all([
    import('./app/bootstrap.js'),
    import('./app/welcome.js'),
  ]);
  const sandbox = settings.sandbox && (await loadAndStartSandbox(settings.sandbox));
  if (sandbox) running.unshift(() => sandbox.close());
  const config = sandbox ? withSandboxAt(settings, sandbox.url) : settings;
  const gateway = await startGateway(config);
  running.unshift(() => gateway.close());
  printWelcome(config, gateway, sandbox?.url);
}

async function stop(): Promise<never> {
  for (const close of running) await close();
  process.exit(0);
}

function fail(error: unknown): never {
  const faults = error instanceof ConfigError ? error.faults : [(error as Error).message];
  process.stderr.write(faults.map((fault) => `${fault}\n`).join(''));
  process.exit(error instanceof ConfigError ? EX_CONFIG : 1);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop().catch(fail));

try {
  await start(loadConfig());
} catch (error) {
  fail(error);
}
