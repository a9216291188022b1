import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { TenancyFixture } from '../support/tenancy-fixture.js';

const COUNT = 3_000;

let fixture: TenancyFixture;
beforeEach(() => {
  Logger.overrideLogger(false);
  fixture = new TenancyFixture();
});
afterEach(() => fixture.close());

/** A file that is parsed in portions. The last tenant has the given name. */
function file(name: string): string {
  const tenants = Array.from({ length: COUNT }, (_, index) => {
    const lines = [
      `- id: t-${index}`,
      `  name: ${index === COUNT - 1 ? name : 'Customer'}`,
      '  spaces: []',
      '',
    ];
    return lines.map((line) => `  ${line}\n`).join('');
  });
  return `tenants:\n${tenants.join('')}`;
}

it('of a large file, a reload applies what has changed at its end, and nothing else', async () => {
  fixture.write('tenants.yaml', file('Before'));
  const directory = fixture.directory();
  const [first, last] = [directory.tenant('t-0'), directory.tenant(`t-${COUNT - 1}`)];
  fixture.write('tenants.yaml', file('After'));
  let turns = 0;
  const reload = directory.reload();
  while (directory.revision === 0) {
    expect(directory.tenant(`t-${COUNT - 1}`)).toBe(last);
    await new Promise(setImmediate);
    turns += 1;
  }
  expect(await reload).toBe('applied');
  expect(turns).toBeGreaterThan(5);
  expect(directory.tenant('t-0')).toBe(first);
  expect(directory.tenant(`t-${COUNT - 1}`)?.name).toBe('After');
  expect(directory.tenantCount).toBe(COUNT);
});

it('reloads run one after the other, so that the latest edit wins', async () => {
  fixture.write('tenants.yaml', file('Before'));
  const directory = fixture.directory();
  fixture.write('tenants.yaml', file('After'));
  const outcomes = [directory.reload()];
  await new Promise(setImmediate);
  fixture.write('tenants.yaml', file('Last').replace('t-0', 'other'));
  outcomes.push(directory.reload());
  expect(await Promise.all(outcomes)).toEqual(['applied', 'applied']);
  expect([directory.tenant('t-0'), directory.tenant('other')?.id]).toEqual([undefined, 'other']);
  expect([directory.tenant(`t-${COUNT - 1}`)?.name, directory.revision]).toEqual(['Last', 2]);
});
