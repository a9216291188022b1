// npm run demo:monitoring: Prometheus with the alerts of deploy/, in front of two gateways behind HAProxy under a mixed load.
import { Haproxy } from '../../support/haproxy.js';
import { Prometheus } from '../../support/prometheus.js';
import { unusedPort } from '../../support/unused-port.js';
import { type Stage, startStage } from '../soak/stage.js';
import { runLoad } from './run-load.js';

const PROMETHEUS_PORT = 9090;
const SCRAPE_SECONDS = 5;
const PER_SECOND = 40;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

const stage = await startStage(undefined, () => undefined);
const closers: (() => Promise<void>)[] = [() => stage.close()];
try {
  const haproxy = await startHaproxy(stage);
  closers.push(() => haproxy.stop());
  const prometheus = await startPrometheus(stage);
  closers.push(() => prometheus.stop());
  process.stdout.write(`Prometheus   ${prometheus.url}/graph, alerts at ${await alertsOf(prometheus)}
gateways     ${haproxy.url}, behind HAProxy
Faults follow each other, a round every two minutes. Press Ctrl+C to stop everything.
`);
  await runLoad(behind(stage, haproxy), { seed: 1, rate: PER_SECOND, keepsCalls: false }, stop.signal);
} finally {
  for (const close of closers.toReversed()) await close();
}

async function startHaproxy({ replicas }: Stage): Promise<Haproxy> {
  const gateways = replicas.map(({ url, managementUrl }) => ({
    port: Number(new URL(url).port),
    managementPort: Number(new URL(managementUrl).port),
  }));
  // The configuration has a third server. Nothing listens there.
  const replacement = { port: await unusedPort(), managementPort: await unusedPort() };
  return Haproxy.start([...gateways, replacement]);
}

async function startPrometheus({ replicas }: Stage): Promise<Prometheus> {
  return Prometheus.start({
    targets: replicas.map(({ managementUrl }) => new URL(managementUrl).host),
    scrapeSeconds: SCRAPE_SECONDS,
    rules: 'deploy/prometheus/rules.yml',
    port: PROMETHEUS_PORT,
  });
}

/** Debian's Prometheus has the classic pages only. */
async function alertsOf({ url }: Prometheus): Promise<string> {
  const { ok } = await fetch(`${url}/alerts`);
  return `${url}${ok ? '' : '/classic'}/alerts`;
}

/** Sends all requests to the load balancer. */
function behind(stage: Stage, { url }: Haproxy): Stage {
  return { ...stage, replicas: stage.replicas.map((replica) => ({ ...replica, url })) };
}
