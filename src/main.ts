import 'reflect-metadata';
import { enableCompileCache } from 'node:module';
import { type Config, ConfigError, loadConfig, withSandboxAt } from './config/config.js';
import type { Sandbox, SandboxSettings } from './sandbox/sandbox.js';

// Exit code of wrong settings. Source: sysexits.h, EX_CONFIG.
const EX_CONFIG = 78;

// The second start compiles nothing anew; where no cache can be written, nothing is lost.
enableCompileCache();

/** What to end when the process is told to, latest first. */
const running: (() => Promise<void>)[] = [];

async function loadAndStartSandbox(settings: SandboxSettings): Promise<Sandbox> {
  const { startSandbox } = await import('./sandbox/sandbox.js');
  return startSandbox(settings);
}

async function start(settings: Config): Promise<void> {
  // Loaded only now, so that wrong settings are told at once.
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
