import { onNpmEnd } from '../app/npm-end.js';
import { ConfigError, SANDBOX_PEPPER, loadSandboxSettings } from '../config/config.js';
import { CREDENTIALS, SECURITY_TOKEN, startSandbox, type Sandbox } from '../sandbox/sandbox.js';

/** `EX_CONFIG` of sysexits.h: restarting does not help until the settings change. */
const EXIT_CONFIG = 78;

try {
  const sandbox = await startSandbox(loadSandboxSettings());
  process.stdout.write(introduction(sandbox.url));
  process.once('SIGINT', () => void stop(sandbox));
  process.once('SIGTERM', () => void stop(sandbox));
  onNpmEnd(() => void stop(sandbox));
} catch (error) {
  fail(error);
}

async function stop(sandbox: Sandbox): Promise<void> {
  await sandbox.close();
  process.exit(0);
}

function fail(error: unknown): void {
  if (error instanceof ConfigError) {
    for (const fault of error.faults) process.stderr.write(`${fault}\n`);
    process.exitCode = EXIT_CONFIG;
    return;
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const port = 'port' in error ? ` ${String(error.port)}` : '';
    process.stderr.write(`The sandbox's port${port} is in use. Set SANDBOX_PORT to another port.\n`);
    process.exitCode = 1;
    return;
  }
  throw error;
}

function introduction(url: string): string {
  const { accessKeyId, accessKeySecret } = CREDENTIALS;
  return `CAMS sandbox on ${url}
  credentials  ${accessKeyId} / ${accessKeySecret}; with the security token ${SECURITY_TOKEN}, any access key id
  demo         space cams-acme, number 8613800000001; space cams-globex, number 8613900000001; 51 groups each

Start a gateway against it, with the demo tenants:
  CAMS_ENDPOINT=${url} CAMS_ACCESS_KEY_ID=${accessKeyId} CAMS_ACCESS_KEY_SECRET=${accessKeySecret} API_KEY_PEPPER=${SANDBOX_PEPPER} TENANTS_FILE=config/tenants.sandbox.yaml npm start
List the received calls:
  curl '${url}/__sandbox__/calls'
Make the next list call fail:
  curl '${url}/__sandbox__/faults' --json '{"action":"ListChatGroup","kind":"http500","count":1}'
`;
}
