import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Metrics } from '../../src/telemetry/metrics.js';
import { WriteAudit } from '../../src/chat-groups/writes/write-audit.js';
import { AuditLog } from '../../src/telemetry/audit-log.js';
import { AuditFixture, linesOf } from '../support/audit-fixture.js';
import { WRITES, sentWrites } from '../support/keyed-writes.js';
import { scopeOf } from '../support/cams-callers.js';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';
import { startGatewayProcess } from '../support/gateway-process.js';
import { OPERATIONS, TRANSPORTS, arrangeGroup, ask } from '../support/operations.js';

const SETTINGS = { TENANTS_FILE: 'test/support/isolation-tenants.yaml' };
const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const DELETE: Json = WRITES.find(({ name }) => name === 'delete a group');

const audit = new AuditFixture();
afterAll(() => audit.remove());

describe('with AUDIT_REQUIRED and a file that cannot be written', () => {
  let strict: TestGateway;
  beforeAll(async () => {
    strict = await startTestGateway({ ...SETTINGS, AUDIT_FILE: audit.unwritable, AUDIT_REQUIRED: 'true' });
  });
  afterAll(() => strict.close());

  it.each(TRANSPORTS)('sends no write: %s', async (transport) => {
    const group = await arrangeGroup(strict, ACME);
    for (const one of WRITES) {
      const { answer, error } = await ask(strict, transport, one, group);
      expect([one.name, error?.code, error?.status]).toEqual([one.name, 'STATE_UNAVAILABLE', 503]);
      if (transport === 'REST') expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect(await sentWrites(strict)).toEqual([]);
    for (const one of OPERATIONS.filter(({ kind }) => kind === 'read'))
      expect((await ask(strict, transport, one, group)).error).toBeUndefined();
  });
});

describe('without AUDIT_REQUIRED', () => {
  it.each(TRANSPORTS)('sends writes even if the file cannot be written: %s', async (transport) => {
    const lenient = await startTestGateway({ ...SETTINGS, AUDIT_FILE: audit.unwritable });
    try {
      const group = await arrangeGroup(lenient, ACME);
      const { error } = await ask(lenient, transport, DELETE, group);
      expect(error).toBeUndefined();
      expect(await sentWrites(lenient)).toHaveLength(1);
    } finally {
      await lenient.close();
    }
  });
});

describe('standard output', () => {
  it('contains the audit log at every log level', async () => {
    const child = await startGatewayProcess({ LOG_LEVEL: 'fatal' }, ACME_KEY);
    try {
      const group = await arrangeGroup(child, ACME);
      const { status } = await child.rest(`${GROUPS}/${group.groupId}`, { method: 'DELETE' });
      expect(status).toBe(204);
      const lines = await eventually(async () => {
        const written = linesOf(child.output()).filter(({ log }) => log === 'audit');
        return written.length === 2 ? written : undefined;
      });
      expect(lines).toMatchObject([
        { log: 'audit', event: 'attempt', operation: 'DeleteChatGroup', groupId: group.groupId },
        { log: 'audit', event: 'outcome', outcome: 'SUCCEEDED' },
      ]);
    } finally {
      await child.close();
    }
  });
});

describe('an idempotency key', () => {
  const KEY = '8613712345678';
  const log = new AuditLog(pino({ level: 'silent' }), new Metrics(), {
    file: audit.file,
    required: true,
    silent: true,
  });
  afterAll(() => log.onApplicationShutdown());

  async function lineOf(tenantId: string, idempotencyKey?: string): Promise<Json> {
    audit.forget();
    const scope = scopeOf(tenantId);
    scope.request.idempotencyKey = idempotencyKey;
    await new WriteAudit(log, 'pepper').begin(scope, 'addInviteLink', { groupId: 'g1' }).attempt();
    return audit.lines[0];
  }

  it('is logged as a keyed digest that differs between tenants', async () => {
    const digest = createHmac('sha256', 'pepper').update(`idempotency-key\nacme\n${KEY}`).digest('hex');
    expect((await lineOf('acme', KEY)).idempotencyKey).toBe(digest);
    expect((await lineOf('globex', KEY)).idempotencyKey).toMatch(/^[\da-f]{64}$/);
    expect((await lineOf('globex', KEY)).idempotencyKey).not.toBe(digest);
    expect(audit.text).not.toContain(KEY);
  });

  it('is not logged for a request without one', async () => {
    expect(await lineOf('acme')).not.toHaveProperty('idempotencyKey');
  });
});
