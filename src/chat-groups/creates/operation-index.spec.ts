import { expect, it } from '@jest/globals';
import { MemoryStateStore } from '../../state/memory-state-store.js';
import { MAX_LISTED, OperationIndex, idOf } from './operation-index.js';

const DAY_MS = 86_400_000;

it('keeps a bounded number of operations per tenant, the newest', async () => {
  const index = new OperationIndex(new MemoryStateStore());
  const nowMs = Date.now();
  for (let count = 0; count < MAX_LISTED + 5; count += 1)
    await index.add({ id: `op_${count}`, tenantId: 'acme', preparedAtMs: nowMs + count });
  await index.add({ id: 'op_other', tenantId: 'globex', preparedAtMs: nowMs });
  const names = await index.newest('acme', MAX_LISTED * 2);
  expect(names).toHaveLength(MAX_LISTED);
  expect(idOf(names[0] ?? '')).toBe(`op_${MAX_LISTED + 4}`);
  expect((await index.newest('globex', 10)).map(idOf)).toEqual(['op_other']);
});

it('forgets operations after a day', async () => {
  const index = new OperationIndex(new MemoryStateStore());
  await index.add({ id: 'op_old', tenantId: 'acme', preparedAtMs: Date.now() - DAY_MS - 1_000 });
  await index.add({ id: 'op_new', tenantId: 'acme', preparedAtMs: Date.now() });
  expect((await index.newest('acme', 10)).map(idOf)).toEqual(['op_new']);
});
