import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SANDBOX_CREDENTIALS, SANDBOX_PEPPER } from '../../src/config/config.js';
import { AuditFixture, writesOf } from '../support/audit-fixture.js';
import { WRITES } from '../support/keyed-writes.js';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY } from '../support/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { type OperationCase, type Outcome, arrangeGroup, ask, learn } from '../support/operations.js';
import { type TestSandbox, startTestSandbox } from '../support/sandbox-rpc.js';

/** Longer than it takes on any machine to stop a process that has nothing to finish. */
const CALL_MS = 3_000;
const ONE_LINE = { log: 'audit', operation: 'DeleteChatGroup' };

const audit = new AuditFixture();
/** Outlives the gateways, so that a call ends only when its gateway does. */
let sandbox: TestSandbox;
let gateway: GatewayProcess;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(async () => {
  await sandbox.close();
  audit.remove();
});
beforeEach(async () => {
  audit.forget();
  await sandbox.control.reset();
  const settings = {
    LOG_LEVEL: 'fatal',
    AUDIT_FILE: audit.file,
    TENANTS_FILE: 'test/support/isolation-tenants.yaml',
    API_KEY_PEPPER: SANDBOX_PEPPER,
    CAMS_ENDPOINT: sandbox.url,
    CAMS_ACCESS_KEY_ID: SANDBOX_CREDENTIALS.accessKeyId,
    CAMS_ACCESS_KEY_SECRET: SANDBOX_CREDENTIALS.accessKeySecret,
    CAMS_TIMEOUT_MS: String(CALL_MS),
  };
  gateway = await startGatewayProcess(settings, ACME_KEY);
});
afterEach(() => gateway.kill());

/** Sends a delete request that CAMS receives and never responds to. The caller's response comes later, if at all. */
async function hangingDelete(): Promise<{ readonly asked: Promise<Outcome> }> {
  const [one] = WRITES.filter(({ name }) => name === 'delete a group') as [OperationCase];
  const group = await arrangeGroup(gateway, ACME);
  await learn(gateway, group);
  await sandbox.control.fault({ action: one.action, kind: 'hang' });
  const asked = ask(gateway, 'REST', one, group);
  await eventually(async () => (await sandbox.control.calls(one.action))[0]);
  expect(audit.lines).toMatchObject([{ ...ONE_LINE, event: 'attempt', groupId: group.groupId }]);
  return { asked };
}

describe('a gateway that stops while a write is in flight', () => {
  it('logs an attempt without an outcome if it is killed', async () => {
    const { asked } = await hangingDelete();
    const unanswered = expect(asked).rejects.toThrow('fetch failed');
    await gateway.kill();
    await unanswered;
    expect(audit.lines).toMatchObject([{ ...ONE_LINE, event: 'attempt' }]);
  });

  it('also logs the outcome before it exits on a graceful shutdown', async () => {
    const { asked } = await hangingDelete();
    const [{ error }] = await Promise.all([asked, gateway.close()]);
    expect(writesOf(audit.lines)).toMatchObject([{ outcome: { ...ONE_LINE, outcome: 'OUTCOME_UNKNOWN' } }]);
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', status: 504 });
  });
});
