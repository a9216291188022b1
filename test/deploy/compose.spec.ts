import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

const { services, volumes } = read('docker-compose.yml', { merge: true }) as {
  services: Readonly<Record<string, Service>>;
  volumes: Readonly<Record<string, null>>;
};

function read(file: string, options = {}): unknown {
  return parse(readFileSync(file, 'utf8'), options);
}

function namesOf(...profiles: readonly string[]): string[] {
  const { status, stdout, stderr } = compose(...profiles.flatMap((name) => ['--profile', name]), 'config');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return Object.keys((parse(stdout) as { services: object }).services);
}

/** Runs it in a folder with the settings of the example, because the file requires `.env`. */
function compose(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-compose-'));
  try {
    cpSync('docker-compose.yml', join(folder, 'docker-compose.yml'));
    cpSync('.env.example', join(folder, '.env'));
    return spawnSync('docker-compose', args, { cwd: folder, encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('docker compose', () => {
  it('accepts the file, also with its profiles', () => {
    const fleet = ['gateway-1', 'gateway-2', 'load-balancer', 'redis-cache', 'redis-state'];
    expect(namesOf().toSorted()).toEqual(expect.arrayContaining(fleet));
    const all = namesOf('monitoring', 'sandbox');
    expect(all.toSorted()).toEqual(Object.keys(services).toSorted());
  });

  it('starts only the fleet unless a profile asks for more', () => {
    const profiles = Object.entries(services).map(([name, service]) => [name, service.profiles?.join()]);
    expect(profiles.filter(([, profile]) => profile !== undefined)).toEqual([
      ['prometheus', 'monitoring'],
      ['grafana', 'monitoring'],
      ['sandbox', 'sandbox'],
    ]);
  });

  it.each(Object.entries(services))('gives %s files that exist', (_, service) => {
    for (const mount of service.volumes ?? []) {
      const [source = '', , mode] = mount.split(':');
      if (source.startsWith('./')) expect([source, existsSync(source), mode]).toEqual([source, true, 'ro']);
      else expect(Object.keys(volumes)).toContain(source);
    }
  });

  it('publishes no port twice', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    const published = ports.map((port) => port.split(':')[1]);
    expect(new Set(published).size).toBe(published.length);
  });
});

describe('the services of docker compose', () => {
  it.each(Object.entries(services))('%s cannot write, and has no privileges', (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    for (const name of ['privileged', 'cap_add', 'network_mode', 'pid'])
      expect(service).not.toHaveProperty(name);
    if (service.build === undefined) expect(service.image).toMatch(/:v?\d+\.\d+[\w.-]*$/);
    expect((service.ports ?? []).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });
});

describe('the fleet of docker compose', () => {
  it('has two gateways, which only HAProxy makes public', () => {
    const gateways = Object.entries(services).filter(([, service]) => service.environment?.['TENANTS_FILE']);
    const names = gateways.map(([name]) => `${name}:3000`);
    const { environment, ports } = services['load-balancer'] ?? {};
    expect([environment?.['GATEWAY_1'], environment?.['GATEWAY_2']]).toEqual(names);
    expect(ports).toEqual([`127.0.0.1:3000${environment?.['BIND']}`]);
    for (const [, service] of gateways)
      expect((service.ports ?? []).filter((port) => !port.endsWith(':3001'))).toEqual([]);
  });

  it('reaches its gateways whatever addresses and ports .env sets', () => {
    const listeners = { HOST: '0.0.0.0', PORT: '3000', MANAGEMENT_HOST: '0.0.0.0', MANAGEMENT_PORT: '3001' };
    for (const name of ['gateway-1', 'gateway-2'])
      expect(services[name]?.environment).toMatchObject(listeners);
  });

  it.each([
    ['redis-cache', 'volatile-ttl'],
    ['redis-state', 'noeviction'],
  ])('bounds the memory of %s, with the policy %s', (name, policy) => {
    const command = services[name]?.command ?? [];
    expect(command[command.indexOf('--maxmemory') + 1]).toMatch(/^\d+mb$/);
    expect(command[command.indexOf('--maxmemory-policy') + 1]).toBe(policy);
  });
});

describe('the monitoring of docker compose', () => {
  const mountsOf = (name: string): Map<string, string> =>
    new Map(
      (services[name]?.volumes ?? []).map((mount) => mount.split(':').slice(0, 2).toReversed()) as never,
    );

  it('reads the metrics of each gateway, and the rules', () => {
    const { rule_files: rules, scrape_configs: jobs } = read('deploy/prometheus/prometheus.yml') as {
      rule_files: string[];
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    const targets = jobs.flatMap((job) => job.static_configs.flatMap((one) => one.targets));
    const gateways = Object.keys(services).filter((name) => name.startsWith('gateway-'));
    expect(targets).toEqual(gateways.map((name) => `${name}:3001`));
    // As on Kubernetes, so that the same rules apply.
    expect(jobs.map((job) => job.job_name)).toEqual(['chatgroup-gateway']);
    expect(rules.filter((file) => !existsSync(join('deploy/prometheus', file)))).toEqual([]);
    expect(mountsOf('prometheus').get('/etc/prometheus')).toBe('./deploy/prometheus');
    expect(services['prometheus']?.command).toContain('--config.file=/etc/prometheus/prometheus.yml');
  });

  it('shows the dashboards of the repository with data of that Prometheus', () => {
    const { datasources } = read('deploy/grafana/provisioning/datasources/prometheus.yml') as {
      datasources: { uid: string; url: string }[];
    };
    expect(datasources).toMatchObject([{ uid: 'prometheus', url: 'http://prometheus:9090' }]);
    const { providers } = read('deploy/grafana/provisioning/dashboards/files.yml') as {
      providers: { options: { path: string } }[];
    };
    const mounts = mountsOf('grafana');
    const folders = providers.map(({ options }) => mounts.get(options.path));
    expect(folders).toEqual(['./deploy/grafana/dashboards']);
    for (const kind of ['datasources', 'dashboards'])
      expect(mounts.get(`/etc/grafana/provisioning/${kind}`)).toBe(`./deploy/grafana/provisioning/${kind}`);
  });
});

describe('the sandbox of docker compose', () => {
  it('is the program that the guide describes, and is reached from outside its container', () => {
    const { command, environment, ports } = services['sandbox'] ?? {};
    expect(command).toEqual(['node', 'scripts/run.mjs', 'sandbox']);
    expect(environment).toEqual({ SANDBOX_HOST: '0.0.0.0' });
    expect(ports).toEqual(['127.0.0.1:3900:3900']);
    const guide = readFileSync('docs/sandbox.md', 'utf8');
    expect(guide).toContain(`-p ${ports?.[0]} -e SANDBOX_HOST=0.0.0.0 IMAGE ${command?.join(' ')}\n`);
  });
});
