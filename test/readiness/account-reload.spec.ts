import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ACME_TENANT,
  type CheckedGateway,
  type CheckStage,
  startCheckedGateway,
  startCheckStage,
} from '../support/checked-gateway.js';
import { eventually } from '../support/eventually.js';
import { GLOBEX } from '../support/gateway.js';

const GLOBEX_TENANT = {
  id: 'globex',
  account: 'isv-2',
  spaces: [{ custSpaceId: GLOBEX.custSpaceId, businessNumbers: [GLOBEX.businessNumber] }],
};
const ISV_2 = {
  id: 'isv-2',
  credentials: { accessKeyIdFile: 'isv-2.id', accessKeySecretFile: 'isv-2.secret' },
};
const WITH_ISV_2 = { accounts: [ISV_2], tenants: [ACME_TENANT, GLOBEX_TENANT] };

let stage: CheckStage;
let gateway: CheckedGateway;
beforeEach(async () => {
  stage = await startCheckStage();
  stage.file('isv-2.id', 'sandbox');
  stage.file('isv-2.secret', 'another-secret');
});
afterEach(async () => {
  await gateway.close();
  await stage.close();
});

async function accounts(): Promise<unknown> {
  return (await gateway.readiness()).body.checks.cams;
}

describe('a reload of the tenants file', () => {
  it('checks only the accounts that it adds or changes, and forgets those that it removes', async () => {
    gateway = await startCheckedGateway(await stage.settings());
    await gateway.says('default', /^ok$/);
    expect(await gateway.gauge('isv-2')).toBeUndefined();

    stage.file('tenants.yaml', WITH_ISV_2);
    await gateway.says(
      'isv-2',
      /^CAMS refused the access key \(SignatureDoesNotMatch\)\. Check the access key secret of account isv-2, whose source the tenants file names\./,
    );
    expect([await gateway.gauge('default'), await gateway.gauge('isv-2')]).toEqual([1, 0]);

    stage.file('isv-2.secret', 'sandbox-secret');
    await gateway.says('isv-2', /^ok$/);
    expect(await gateway.gauge('isv-2')).toBe(1);

    stage.file('tenants.yaml', { tenants: [ACME_TENANT] });
    await eventually(async () => ((await gateway.gauge('isv-2')) === undefined ? true : undefined));
    expect(await accounts()).toEqual({ default: 'ok' });
    const spaces = (await stage.sandbox.calls()).map(({ parameters }) => parameters['CustSpaceId']);
    expect(spaces).toEqual(['cams-acme', 'cams-globex', 'cams-globex']);
  });

  it('that names the first number of an account makes it possible to check it', async () => {
    gateway = await startCheckedGateway(await stage.settings({ tenants: [] }));
    await gateway.says('default', /^No tenant/);
    stage.file('tenants.yaml', { tenants: [ACME_TENANT] });
    await gateway.says('default', /^ok$/);
    expect(await gateway.gauge('default')).toBe(1);
  });

  it('that removes an account and adds it again does not cause two checks at once', async () => {
    stage.file('isv-2.secret', 'sandbox-secret');
    const settings = await stage.settings(undefined, { CAMS_TIMEOUT_MS: '12000' });
    gateway = await startCheckedGateway(settings);
    await gateway.says('default', /^ok$/);
    await stage.sandbox.fault({ kind: 'latency', ms: 9_000, count: 1 });
    const underWay = async (count: number): Promise<unknown> =>
      eventually(async () => {
        const line = new RegExp(`^gateway_cams_calls_under_way ${count}$`, 'm');
        return line.test(await gateway.metrics()) ? true : undefined;
      });
    stage.file('tenants.yaml', WITH_ISV_2);
    await underWay(1);
    stage.file('tenants.yaml', { tenants: [ACME_TENANT] });
    await eventually(async () => ((await gateway.gauge('isv-2')) === undefined ? true : undefined));
    stage.file('tenants.yaml', WITH_ISV_2);
    await gateway.says('isv-2', /^Not checked yet\.$/);
    const [first] = (await stage.sandbox.calls()).slice(1);
    expect(first?.outcome).toBe('pending');
    expect(await stage.sandbox.actions()).toHaveLength(2);
    await gateway.says('isv-2', /^ok$/);
    expect(await stage.sandbox.actions()).toHaveLength(3);
  });

  it('that is rejected changes nothing', async () => {
    gateway = await startCheckedGateway(await stage.settings(WITH_ISV_2));
    await gateway.says('default', /^ok$/);
    await gateway.says('isv-2', /SignatureDoesNotMatch/);
    stage.file('isv-2.secret', '');
    await eventually(async () => {
      const metrics = await gateway.metrics();
      return /^gateway_tenants_reloads_total\{outcome="refused"\} [1-9]/m.test(metrics) ? true : undefined;
    });
    expect(await accounts()).toEqual({
      default: 'ok',
      'isv-2': expect.stringContaining('SignatureDoesNotMatch'),
    });
  });
});
