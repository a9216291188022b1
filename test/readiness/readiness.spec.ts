import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CheckStage,
  ManagementView,
  startCheckedGateway,
  startCheckStage,
} from '../support/checked-gateway.js';
import { eventually } from '../support/eventually.js';
import { GATEWAY_LINE, Program } from '../support/program.js';
import { RedisServer } from '../support/redis-server.js';

let stage: CheckStage;
const running: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  stage = await startCheckStage();
});
afterEach(async () => {
  for (const stop of running.splice(0).toReversed()) await stop();
  await stage.close();
});

describe('the program', () => {
  async function run(settings: Record<string, string>): Promise<{ program: Program; view: ManagementView }> {
    const program = new Program('dist/main.js', { ...settings, LOG_LEVEL: 'info' });
    running.push(() => program.end('SIGKILL'));
    await program.said(GATEWAY_LINE);
    return { program, view: new ManagementView(`http://127.0.0.1:${settings['MANAGEMENT_PORT']}`) };
  }

  it('checks accounts when it starts, and logs the result', async () => {
    const { program } = await run(await stage.settings());
    await program.said(/("level":"info".*CAMS accepts calls for account default)/);
  });

  it('starts although a check fails, and logs once what to do, without the secret', async () => {
    const { program, view } = await run(
      await stage.settings(undefined, { CAMS_ACCESS_KEY_SECRET: 'another-secret' }),
    );
    await view.says('default', /SignatureDoesNotMatch/);
    await program.said(/("level":"error".*Check CAMS_ACCESS_KEY_SECRET of account default)/);
    // The second check, after 5 s.
    await eventually(async () => ((await stage.sandbox.calls()).length > 1 ? true : undefined));
    expect(program.output.match(/Check CAMS_ACCESS_KEY_SECRET/g)).toHaveLength(1);
    expect(program.output).not.toContain('another-secret');
  });

  it('warns of a clock that is off by minutes', async () => {
    await stage.sandbox.behave({ clockOffsetMs: 300_000 });
    const { program } = await run(await stage.settings());
    await program.said(/("level":"warn".*clock is 5 minutes behind CAMS\. .*NTP)/);
  });

  it('explains a credential chain that does not respond', async () => {
    const connections = new Set<Socket>();
    const silent = createServer((socket) => connections.add(socket));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    running.push(async () => {
      for (const socket of connections) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    });
    const { port } = silent.address() as AddressInfo;
    const { view } = await run(
      await stage.settings(undefined, {
        CAMS_ACCESS_KEY_ID: '',
        CAMS_ACCESS_KEY_SECRET: '',
        CAMS_TIMEOUT_MS: '300',
        ALIBABA_CLOUD_CREDENTIALS_URI: `http://127.0.0.1:${port}`,
        ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true',
      }),
    );
    await view.says('default', /^The default credential chain of Alibaba Cloud did not return credentials/);
    expect(await stage.sandbox.calls()).toEqual([]);
  });

  it('stops while a check waits for CAMS', async () => {
    await stage.sandbox.fault({ kind: 'hang' });
    const { program, view } = await run(await stage.settings());
    await eventually(async () => ((await stage.sandbox.calls()).length > 0 ? true : undefined));
    expect((await view.readiness()).body.checks.cams).toEqual({ default: 'Not checked yet.' });
    await program.end('SIGTERM');
    expect(program.ended).toContain('ended with 0:');
  });
});

describe('the readiness check', () => {
  it('is 200 with the state of Redis, whether it works or not', async () => {
    const redis = await RedisServer.start({});
    running.push(() => redis.stop());
    const view = await startCheckedGateway(await stage.settings(undefined, { REDIS_URL: redis.url }));
    running.push(() => view.close());
    await view.says('default', /^ok$/);
    const works = { cacheRedis: 'ok', stateRedis: 'ok', cams: { default: 'ok' } };
    expect(await view.readiness()).toEqual({ status: 200, body: { status: 'ready', checks: works } });
    await redis.stop();
    const down = await eventually(async () => {
      const { status, body } = await view.readiness();
      const { cacheRedis, stateRedis } = body.checks;
      return cacheRedis === 'ok' || stateRedis === 'ok' ? undefined : { status, cacheRedis, stateRedis };
    });
    const reason: unknown = expect.stringMatching(/^127\.0\.0\.1:\d+: \S+/);
    expect(down).toEqual({ status: 200, cacheRedis: reason, stateRedis: reason });
  });
});
