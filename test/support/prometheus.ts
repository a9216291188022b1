import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { eventually } from './eventually.js';
import { Program } from './program.js';
import { unusedPort } from './unused-port.js';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** As Prometheus writes it: also `NaN` and `+Inf`. */
  readonly value: string;
}

export interface Alert {
  readonly name: string;
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  /** `host:port` of the management listener of each gateway. */
  readonly targets: readonly string[];
  readonly scrapeSeconds: number;
  /** A file of rules, evaluated as often as targets are scraped. */
  readonly rules?: string;
  readonly port?: number;
}

/** Prometheus watches it. */
const TARGETS = 'targets.json';

function writeTargets(folder: string, targets: readonly string[]): void {
  const file = join(folder, TARGETS);
  // At once, so that half of a file is never read.
  writeFileSync(`${file}.new`, JSON.stringify([{ targets }]));
  renameSync(`${file}.new`, file);
}

/** A real Prometheus on loopback with the job of deploy/, and its data in a temporary folder. */
export class Prometheus {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly program: Program,
  ) {}

  static async start({ targets, scrapeSeconds, rules, port }: PrometheusOptions): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-prometheus-'));
    const interval = `${scrapeSeconds}s`;
    const config = {
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
      ...(rules !== undefined && { rule_files: [resolve(rules)] }),
      scrape_configs: [{ job_name: 'chatgroup-gateway', file_sd_configs: [{ files: [TARGETS] }] }],
    };
    writeTargets(folder, targets);
    writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
    const address = `127.0.0.1:${port ?? (await unusedPort())}`;
    const command = [
      'prometheus',
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ] as const;
    const program = new Program(command, {});
    const server = new Prometheus(`http://${address}`, folder, program);
    await eventually(async () => {
      if (program.ended !== undefined) throw new Error(program.ended);
      return fetch(`${server.url}/-/ready`).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      );
    });
    return server;
  }

  /** Replaces the targets. Takes about five seconds to have an effect. */
  scrape(targets: readonly string[]): void {
    writeTargets(this.folder, targets);
  }

  /** Evaluates an expression now. Throws what Prometheus says of a wrong one. */
  async query(expression: string): Promise<readonly Sample[]> {
    const { result } = (await this.#get(`query?query=${encodeURIComponent(expression)}`)) as {
      result: readonly { metric: Sample['metric']; value: readonly [number, string] }[];
    };
    return result.map(({ metric, value: [, value] }) => ({ metric, value }));
  }

  async alerts(): Promise<readonly Alert[]> {
    const { alerts } = (await this.#get('alerts')) as {
      alerts: readonly { labels: Readonly<Record<string, string>>; state: Alert['state'] }[];
    };
    return alerts.map(({ labels, state }) => ({ name: labels['alertname'] ?? '', state, labels }));
  }

  async stop(): Promise<void> {
    await this.program.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #get(path: string): Promise<unknown> {
    const { status, error, data } = (await (await fetch(`${this.url}/api/v1/${path}`)).json()) as {
      status: string;
      error?: string;
      data: unknown;
    };
    if (status !== 'success') throw new Error(error);
    return data;
  }
}
