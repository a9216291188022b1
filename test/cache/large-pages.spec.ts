import { expect, it } from '@jest/globals';
import { RedisBench } from '../support/page-store-bench.js';
import { LIVES, PageStoreSteps } from '../support/page-store-steps.js';

const MANY = 10;
const PAYLOAD = 'x'.repeat(128 * 1024);

it('many large pages that one tenant reads at once do not delay a page of another', async () => {
  const bench = await RedisBench.start();
  try {
    const steps = new PageStoreSteps(bench);
    const large = await bench.newPage();
    const small = { ...large, page: `${large.page}:small` };
    const { generation, token } = await steps.lease(large);
    await bench.store.store(large, { generation, token, payload: PAYLOAD, ageMs: 0, lifetimes: LIVES });
    await steps.store(small, await steps.lease(small));
    const order: string[] = [];
    const lookups = Array.from({ length: MANY }, async () => {
      expect(await steps.look(large)).toMatchObject({ kind: 'hit', page: { payload: PAYLOAD } });
      order.push('large');
    });
    const other = (async () => {
      expect(await steps.kind({ ...small, owner: 'globex' })).toBe('hit');
      order.push('other');
    })();
    await Promise.all([...lookups, other]);
    expect(order.indexOf('other')).toBeLessThan(3);
  } finally {
    await bench.close();
  }
});
