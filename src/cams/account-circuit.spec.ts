import { expect, it } from '@jest/globals';
import { AccountCircuit } from './account-circuit.js';

it('is not closed by a call of an earlier outage', async () => {
  const changes: boolean[] = [];
  const circuit = new AccountCircuit<string>({
    leastCalls: 10,
    isFailure: (outcome) => outcome === 'failed',
    isAbandoned: () => false,
    onChange: (isBroken) => changes.push(isBroken),
  });
  const fail = async (): Promise<void> => {
    for (let n = 0; n < 20; n += 1)
      for (const tenant of ['acme', 'globex']) await circuit.run(tenant, async () => 'failed');
  };
  await fail();
  const late = Promise.withResolvers<string>();
  const hanging = circuit.run('third', () => late.promise);
  await circuit.run('fourth', async () => 'ok');
  await fail();
  expect(changes).toEqual([true, false, true]);
  late.resolve('ok');
  await hanging;
  expect(circuit.isBroken).toBe(true);
  await circuit.run('fourth', async () => 'ok');
  expect(changes).toEqual([true, false, true, false]);
});
