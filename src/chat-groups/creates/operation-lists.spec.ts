import { Metrics } from '../../telemetry/metrics.js';
import { expect, it } from '@jest/globals';
import { principalOf } from '../../../test/support/cams-callers.js';
import { createOperationsIn } from '../../../test/support/create-operations.js';
import { eventually } from '../../../test/support/eventually.js';
import { loadConfig } from '../../config/config.js';
import { RequestContext } from '../../request/request-context.js';
import { MemoryStateStore } from '../../state/memory-state-store.js';
import { LoadShedding } from '../../telemetry/load-shedding.js';
import { Caller } from '../../tenancy/caller.js';
import type { CreateOperationsService } from './create-operations.service.js';
import { OperationIndex } from './operation-index.js';
import { OperationLists } from './operation-lists.js';

it('reads the lists of a tenant one after the other, and does not make other tenants wait', async () => {
  const store = new MemoryStateStore();
  const index = new OperationIndex(store);
  const operations = createOperationsIn(store);
  const reads: string[] = [];
  const answers: (() => void)[] = [];
  operations.read = (id) => {
    reads.push(id);
    return new Promise((resolve) => answers.push(() => resolve(undefined)));
  };
  const unused = undefined as unknown as CreateOperationsService;
  const lists = new OperationLists(
    index,
    operations,
    unused,
    new LoadShedding(loadConfig({}), new Metrics()),
  );
  for (const tenantId of ['acme', 'globex'])
    await index.add({ id: `op_${tenantId}`, tenantId, preparedAtMs: Date.now() });
  const all = ['acme', 'acme', 'globex'].map((tenantId) => {
    const caller = new Caller(principalOf(tenantId), 'groups:read', new RequestContext('test', 20_000));
    return lists.list(caller, {}, {});
  });
  await eventually(async () => reads.length >= 2 || undefined);
  expect(reads).toEqual(['op_acme', 'op_globex']);
  for (const answer of answers.splice(0)) answer();
  await eventually(async () => reads.length >= 3 || undefined);
  for (const answer of answers.splice(0)) answer();
  expect((await Promise.all(all)).map(({ operations: listed }) => listed)).toEqual([[], [], []]);
});
