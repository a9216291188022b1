import { once } from 'node:events';
import { type Server, createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SANDBOX_CREDENTIALS, SANDBOX_PEPPER } from '../../src/config/config.js';
import { ACME, ACME_KEY } from './gateway.js';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.js';
import { OtlpReceiver } from './otlp-receiver.js';
import { Program, SANDBOX_LINE } from './program.js';
import { RedisServer } from './redis-server.js';
import { outlivesQuarantine } from './redis-time.js';
import { SandboxControl } from './sandbox-control.js';

const CALL_MS = 2_000;
const LATE_MS = 100;

export const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;

/** A gateway process with a Redis, a collector, and a CAMS whose requests are seen. */
export interface TracedGateway {
  readonly gateway: GatewayProcess;
  readonly receiver: OtlpReceiver;
  readonly redis: RedisServer;
  /** The `traceparent` of each request to CAMS so far; `undefined` for one without. */
  readonly sentToCams: (string | undefined)[];
  close(): Promise<void>;
}

/** Starts all of it. `settings` may depend on those for the collector. */
export async function startTracedGateway(
  settings: (receiver: OtlpReceiver) => Record<string, string>,
): Promise<TracedGateway> {
  const sandbox = new Program('dist/cli/sandbox.js', { SANDBOX_PORT: '0' });
  const sandboxUrl = await sandbox.said(SANDBOX_LINE);
  const sentToCams: (string | undefined)[] = [];
  const cams = await startTap(sandboxUrl, (traceparent) => sentToCams.push(traceparent));
  const redis = await RedisServer.start();
  const receiver = await OtlpReceiver.start();
  const gateway = await startGatewayProcess(
    {
      CAMS_ENDPOINT: `http://127.0.0.1:${(cams.address() as AddressInfo).port}`,
      CAMS_ACCESS_KEY_ID: SANDBOX_CREDENTIALS.accessKeyId,
      CAMS_ACCESS_KEY_SECRET: SANDBOX_CREDENTIALS.accessKeySecret,
      CAMS_TIMEOUT_MS: String(CALL_MS),
      CAMS_LATE_APPLY_MS: String(LATE_MS),
      API_KEY_PEPPER: SANDBOX_PEPPER,
      TENANTS_FILE: 'test/support/tenants.quotas.yaml',
      REDIS_URL: redis.url,
      ...settings(receiver),
    },
    ACME_KEY,
  );
  await outlivesQuarantine(redis, CALL_MS + LATE_MS);
  return {
    gateway: { ...gateway, sandbox: new SandboxControl(sandboxUrl) },
    receiver,
    redis,
    sentToCams,
    async close() {
      await gateway.close();
      await receiver.close();
      await redis.stop();
      cams.closeAllConnections();
      cams.close();
      await sandbox.end('SIGTERM');
    },
  };
}

/** Forwards every request as it is. */
async function startTap(url: string, seen: (traceparent: string | undefined) => void): Promise<Server> {
  const tap = createServer((request, response) => {
    seen(request.headers['traceparent'] as string | undefined);
    const { method, headers } = request;
    const forwarded = send(url + (request.url ?? ''), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
  tap.listen(0, '127.0.0.1');
  await once(tap, 'listening');
  return tap;
}
