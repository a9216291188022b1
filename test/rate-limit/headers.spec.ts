import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';
import {
  OPERATIONS,
  type OperationCase,
  TRANSPORTS,
  type Target,
  arrangeGroup,
  ask,
  learn,
} from '../support/operations.js';

const remove = OPERATIONS.find(({ name }) => name === 'delete a group') as OperationCase;

let gateway: TestGateway;
let target: Target;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  target = await arrangeGroup(gateway, ACME);
  await learn(gateway, target);
});

/** Returns what a response reports, with `t` as `…`. */
async function reported(
  transport: (typeof TRANSPORTS)[number],
  one: OperationCase,
): Promise<readonly string[]> {
  const { answer } = await ask(gateway, transport, one, target);
  const usage = (answer.headers.get('ratelimit') ?? '')
    .replace(/t=\d+/g, 't=…')
    .replace(/("tenant";r=)\d+/, '$1…');
  return [answer.headers.get('ratelimit-policy') ?? '', usage];
}

const remaining = ([, usage = '']: readonly string[]): number => Number(/"deletes";r=(\d+)/.exec(usage)?.[1]);

describe.each(TRANSPORTS)('over %s', (transport) => {
  it('a delete reports what is left of both limits', async () => {
    const seen = await reported(transport, remove);
    expect(seen).toEqual([
      '"tenant";q=600;w=60, "deletes";q=100;w=3600',
      expect.stringMatching(/^"tenant";r=…;t=…, "deletes";r=\d+;t=…$/),
    ]);
    target = await arrangeGroup(gateway, ACME);
    await learn(gateway, target);
    expect(remaining(await reported(transport, remove))).toBe(remaining(seen) - 1);
  });

  it('a delete that CAMS refuses is given back', async () => {
    await gateway.sandbox.fault({
      action: remove.action,
      kind: 'reject',
      code: 'InvalidParameter',
      count: 1,
    });
    const refused = remaining(await reported(transport, remove));
    expect(remaining(await reported(transport, remove))).toBe(refused - 1);
  });

  it.each(OPERATIONS.filter(({ name }) => name !== remove.name))(
    'any other request reports only the requests: $name',
    async (one) => {
      expect(await reported(transport, one)).toEqual(['"tenant";q=600;w=60', '"tenant";r=…;t=…']);
    },
  );
});
