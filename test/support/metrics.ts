import { type TestGateway, startTestGateway } from './gateway.js';
import { unusedPort } from './unused-port.js';

/** Starts a gateway with a management listener. */
export async function startMeasuredGateway(settings: Record<string, string> = {}): Promise<TestGateway> {
  return startTestGateway({ MANAGEMENT_PORT: String(await unusedPort()), ...settings });
}

/** What one scrape of a gateway showed. */
export class Scrape {
  constructor(readonly text: string) {}

  static async of({ managementUrl }: Pick<TestGateway, 'managementUrl'>): Promise<Scrape> {
    return new Scrape(await (await fetch(`${managementUrl}/metrics`)).text());
  }

  /** Returns the sum of all series of this name with these labels, and possibly others; `undefined` without one. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const values = this.#lines(name)
      .filter((line) => wanted.every((label) => line.includes(label)))
      .map((line) => Number(line.split(' ').at(-1)));
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
  }

  /** The values of a label of a metric, sorted. */
  labels(name: string, label: string): readonly string[] {
    const found = this.#lines(name).map((line) => new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1] ?? '');
    return [...new Set(found)].toSorted();
  }

  #lines(name: string): readonly string[] {
    return this.text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  }
}

/** Returns by how much a metric has grown since `before`. */
export async function growth(
  gateway: Pick<TestGateway, 'managementUrl'>,
  before: Scrape,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  return ((await Scrape.of(gateway)).value(name, labels) ?? 0) - (before.value(name, labels) ?? 0);
}
