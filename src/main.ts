import 'reflect-metadata';
import { ConfigError, loadConfig, withSandboxAt } from './config.js';
import { startGateway } from './gateway.js';
import { startSandbox } from './sandbox/sandbox.js';
import { printWelcome } from './welcome.js';

// Exit code of wrong settings. Source: sysexits.h, EX_CONFIG.
const EX_CONFIG = 78;

async function main(): Promise<void> {
  const settings = loadConfig();
  const sandbox = settings.sandbox && (await startSandbox(settings.sandbox));
  const config = sandbox ? withSandboxAt(settings, sandbox.url) : settings;
  const gateway = await startGateway(config);
  printWelcome(config, gateway, sandbox?.url);

  const stop = async (): Promise<void> => {
    await gateway.close();
    await sandbox?.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
}

try {
  await main();
} catch (error) {
  const faults = error instanceof ConfigError ? error.faults : [String((error as Error).message)];
  process.stderr.write(faults.map((fault) => `${fault}\n`).join(''));
  process.exit(error instanceof ConfigError ? EX_CONFIG : 1);
}
