import { beforeEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Metrics } from '../../telemetry/metrics.js';
import { scopeOf } from '../../../test/support/cams-callers.js';
import { AuditLog } from '../../telemetry/audit-log.js';
import { WriteAudit } from '../writes/write-audit.js';
import { CreateAudit } from './create-audit.js';

const GROUP = '120363023';
const scope = scopeOf();

/** Event and group of each line. */
let lines: [event: unknown, groupId: unknown][];
let audit: CreateAudit;
/** Ends the add call of a create request. */
let answer: () => Promise<void>;

beforeEach(async () => {
  lines = [];
  const write = (line: string): void => {
    const { event, groupId } = JSON.parse(line) as Record<string, unknown>;
    lines.push([event, groupId]);
  };
  const log = new AuditLog(pino({ base: null }, { write }), new Metrics(), {
    file: null,
    required: false,
    silent: false,
  });
  const writes = new WriteAudit(log, 'a pepper for tests');
  audit = new CreateAudit(writes);
  const audited = writes.begin(scope, 'addChatGroup', { subject: 'New' }, audit.open('op_1'));
  await audited.attempt();
  const result = { uniqueCode: 'code' };
  answer = () => audited.answered({ result, coherence: 'COHERENT', upstreamRequestId: undefined });
});

it('names the group in the outcome once, however often its request finds it', async () => {
  await answer();
  await audit.found(scope, 'op_1', GROUP);
  await audit.found(scope, 'op_1', GROUP);
  await audit.release('op_1', GROUP);
  expect(lines).toEqual([
    ['attempt', undefined],
    ['outcome', GROUP],
  ]);
});

it('names the group in the outcome if another process found it, and the response names it', async () => {
  await answer();
  await audit.release('op_1', GROUP);
  expect(lines.at(-1)).toEqual(['outcome', GROUP]);
});

it('names a group that is found after the outcome in a line of its own, each time that it is found', async () => {
  await answer();
  await audit.release('op_1', undefined);
  await audit.found(scope, 'op_1', GROUP);
  await audit.found(scope, 'op_1', GROUP);
  expect(lines.slice(1)).toEqual([
    ['outcome', undefined],
    ['found', GROUP],
    ['found', GROUP],
  ]);
});
