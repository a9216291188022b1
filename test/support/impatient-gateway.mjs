// The built gateway with short timeouts of connections, without a CAMS, in a process whose descriptors a test can count.
import 'reflect-metadata';
import { startGateway } from '../../dist/app/bootstrap.js';
import { loadConfig, withSandboxAt } from '../../dist/config/config.js';

const settings = { PORT: '0', MANAGEMENT_PORT: '0', LOG_LEVEL: 'silent', REQUEST_BUDGET_MS: '1000' };
const config = withSandboxAt(loadConfig(settings), 'http://127.0.0.1:9');
const timeouts = { headersMs: 1_000, requestMs: 2_000, checkEveryMs: 50, stalledMs: 1_000 };
const { url } = await startGateway(config, timeouts);
process.stdout.write(`listening on ${url}\n`);
