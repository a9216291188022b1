import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { ERRORS } from '../../src/errors/catalogue.js';
import { Scrape, startMeasuredGateway } from '../support/metrics.js';

const FOLDER = 'deploy/prometheus';

interface Rule {
  readonly alert: string;
  expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface RulesFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

const readRules = (): RulesFile => parse(readFileSync(`${FOLDER}/rules.yml`, 'utf8')) as RulesFile;
const rules = readRules().groups.flatMap((group) => group.rules);
const names = rules.map(({ alert }) => alert);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'alerts-'));
  copyFileSync(`${FOLDER}/rules.test.yml`, join(folder, 'rules.test.yml'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the tests of the rules with these rules. Returns what promtool printed. */
function testRules(file: RulesFile): string {
  writeFileSync(join(folder, 'rules.yml'), stringify(file));
  const options = { cwd: folder, encoding: 'utf8' } as const;
  const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'rules.test.yml'], options);
  return `${stdout}${stderr}`;
}

it('fire for their faults, and are quiet for healthy instances', () => {
  expect(testRules(readRules())).toContain('SUCCESS');
});

it.each([
  ['never', 'vector(0) > 1'],
  ['always', 'vector(1)'],
])('have a test each that notices if they %s fire', (_, expr) => {
  const file = readRules();
  for (const { rules: some } of file.groups) for (const rule of some) rule.expr = expr;
  const printed = testRules(file);
  expect(names.filter((name) => !printed.includes(`alertname: ${name},`))).toEqual([]);
});

it('count every error of the server as a failure, on the dashboard too', () => {
  const failures = Object.entries(ERRORS).flatMap(([code, { status }]) => (status >= 500 ? [code] : []));
  const dashboard = readFileSync('deploy/grafana/dashboards/gateway.json', 'utf8');
  const { expr = '' } = rules.find(({ alert }) => alert === 'GatewayFailures') ?? {};
  for (const text of [expr, dashboard]) {
    const lists = [...text.matchAll(/gateway_errors_total\{[^}]*code=~\\?"([^"\\]*)/g)];
    expect(lists.length).toBeGreaterThan(0);
    for (const [, codes = ''] of lists) expect(codes.split('|').toSorted()).toEqual(failures.toSorted());
  }
});

describe('the runbook', () => {
  const guide = readFileSync('docs/alerts.md', 'utf8');

  it('has a section for each alert, and for nothing else', () => {
    const sections = [...guide.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(sections.toSorted()).toEqual(names.toSorted());
    for (const { alert, annotations } of rules)
      expect(annotations.runbook).toBe(`docs/alerts.md#${alert.toLowerCase()}`);
  });

  it.each(rules)('says how urgent $alert is', ({ labels, annotations }) => {
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/^\S.*[^.]$/);
  });
});

it('use metrics, labels and values that a gateway has', async () => {
  const gateway = await startMeasuredGateway();
  try {
    await gateway.rest('/v1/viewer');
    const scrape = await Scrape.of(gateway);
    for (const { alert, expr } of rules) {
      for (const [, name = '', labels = ''] of expr.matchAll(/(gateway_\w+)(?:\{([^}]*)\})?/g)) {
        expect([
          alert,
          name,
          scrape.text.includes(`# TYPE ${name.replace(/_(bucket|count|sum)$/, '')} `),
        ]).toEqual([alert, name, true]);
        for (const [, label = '', values = ''] of labels.matchAll(/(\w+)=~?"([^"]*)"/g))
          // Gauges of Redis and of accounts have their labels only once they are connected or called.
          if (label !== 'connection')
            for (const value of values.split('|'))
              expect([alert, scrape.labels(name, label)]).toEqual([alert, expect.arrayContaining([value])]);
      }
    }
  } finally {
    await gateway.close();
  }
});
