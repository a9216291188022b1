import {
  Counter,
  type CounterConfiguration,
  Gauge,
  Histogram,
  Registry,
  collectDefaultMetrics,
} from 'prom-client';

/** The values that a label can have, or `open` if they are not known in advance. */
export type LabelValues = readonly string[] | 'open';

type Labels<Label extends string> = Readonly<Record<Label, LabelValues>>;

/** Gauges of the library whose names end like those of counters. `nodejs_active_resources` has the same by type. */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

/** Makes metrics in a registry of their own, so that several gateways can run in one test process. */
export class MetricRegistry {
  readonly registry = new Registry();
  readonly #gauges: { readonly gauge: Gauge; readonly labelNames: readonly string[] }[] = [];

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  /** If all labels have known values, every series starts at zero: `increase()` does not see the first event otherwise. */
  counter<Label extends string = never>(
    name: string,
    help: string,
    labels: Labels<Label> = {} as Labels<Label>,
  ): Counter<Label> {
    const labelNames = Object.keys(labels) as Label[];
    const options: CounterConfiguration<Label> = { name, help, labelNames, registers: [this.registry] };
    const counter = new Counter(options);
    if (labelNames.length > 0)
      for (const combination of combinationsOf(labels)) counter.inc(combination as Record<Label, string>, 0);
    return counter;
  }

  gauge<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Gauge<Label> {
    const gauge = new Gauge({ name, help, labelNames, registers: [this.registry] });
    this.#gauges.push({ gauge, labelNames });
    return gauge;
  }

  /** Removes the series of every gauge that has this label alone. Not those of counters: their increase would be lost. */
  removeGauges(label: string, values: readonly string[]): void {
    for (const { gauge, labelNames } of this.#gauges)
      if (labelNames.length === 1 && labelNames[0] === label)
        for (const value of values) gauge.remove({ [label]: value });
  }

  /** `buckets`: upper bounds, in seconds. */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}

/** Returns none if the values of a label are not known. */
function combinationsOf(labels: Readonly<Record<string, LabelValues>>): readonly Record<string, string>[] {
  let combinations: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(labels)) {
    if (values === 'open') return [];
    combinations = combinations.flatMap((some) => values.map((value) => ({ ...some, [label]: value })));
  }
  return combinations;
}
