import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IConfigMap, IService, IServiceAccount } from 'kubernetes-models/v1';
import { type Config, loadConfig } from '../../src/config/config.js';
import { SECRET_NAMES, SETTING_NAMES } from '../../src/config/setting-names.js';
import { type TestGateway, startTestGateway } from '../support/gateway.js';
import { faultsOf, renderManifests } from '../support/manifests.js';
import { unusedPort } from '../support/unused-port.js';

const MANIFESTS = renderManifests('deploy/kubernetes');
const SECRETS: Readonly<Record<string, string>> = {
  API_KEY_PEPPER: 'v7Jq2mXz0aLr9TnWb4YkEc8HsUd5GfPo1iNx6RtQ',
  CAMS_ACCESS_KEY_ID: 'LTAI5tExampleExampleExam',
  CAMS_ACCESS_KEY_SECRET: 'ExampleExampleExampleExampleEx',
  REDIS_URL: 'rediss://:password@cache.example.com:6379',
  STATE_REDIS_URL: 'rediss://:password@state.example.com:6379',
};
/** Set by Kubernetes in every container, whatever `enableServiceLinks` says. */
const SET_BY_KUBERNETES = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_PORT: 'tcp://10.96.0.1:443' };

function only<T extends { readonly kind: string }>(kind: T['kind']): T {
  const found = MANIFESTS.filter((manifest) => manifest.kind === kind);
  expect(found).toHaveLength(1);
  return found[0] as unknown as T;
}

const deployment = only<IDeployment>('Deployment');
const service = only<IService>('Service');
const policy = only<INetworkPolicy>('NetworkPolicy');
const autoscaler = only<IHorizontalPodAutoscaler>('HorizontalPodAutoscaler');
const serviceMonitor = only<IServiceMonitor>('ServiceMonitor');
const settings = only<IConfigMap>('ConfigMap');
const { metadata: podMetadata, spec: pod } = deployment.spec?.template ?? {};
const [container] = pod?.containers ?? [];
const env = Object.fromEntries((container?.env ?? []).map(({ name, value = '' }) => [name, value]));

/** Whether a selector selects something with these labels. An empty selector would select everything. */
function selects(selector: Readonly<Record<string, string>> | undefined, labels: unknown): boolean {
  const wanted = Object.entries(selector ?? {});
  const given = new Map(Object.entries(labels ?? {}));
  return wanted.length > 0 && wanted.every(([name, value]) => given.get(name) === value);
}

/** Reads the settings as the gateway would in the container, with example secrets in the files that are mounted. */
function readSettings(): Config {
  const root = mkdtempSync(join(tmpdir(), 'gateway-mounts-'));
  try {
    const files = Object.entries(env).filter(([name]) => name.endsWith('_FILE'));
    for (const [name, path] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), SECRETS[name.replace(/_FILE$/, '')] ?? 'tenants: []\n');
    }
    const mounted = Object.fromEntries(files.map(([name, path]) => [name, join(root, path)]));
    // The image and its command set NODE_ENV.
    return loadConfig({
      NODE_ENV: 'production',
      ...SET_BY_KUBERNETES,
      ...settings.data,
      ...env,
      ...mounted,
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('the manifests', () => {
  it('pass the schemas of the API', async () => {
    expect(await faultsOf(MANIFESTS)).toEqual([]);
  });

  it('are checked for wrong values, and for fields that do not exist', async () => {
    const budget = (spec: object) => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec });
    const faults = await faultsOf([
      budget({ selector: { matchLabels: { app: 5 } } }),
      budget({ minAvailible: 1 }),
    ]);
    expect(faults).toEqual([
      expect.stringMatching(/app must be string/),
      expect.stringMatching(/"app": 5 Type 'number' is not assignable/),
      expect.stringMatching(/minAvailible.* does not exist/),
    ]);
  });

  it('need the Prometheus Operator only if the folder monitoring is applied', () => {
    const monitoring = renderManifests('deploy/kubernetes/monitoring');
    expect(monitoring.map(({ kind }) => kind)).toEqual(['ServiceMonitor']);
    const base = renderManifests('deploy/kubernetes/base');
    expect(MANIFESTS.toSorted(byKind)).toEqual([...base, ...monitoring].toSorted(byKind));
    expect(base.filter(({ apiVersion }) => apiVersion.includes('coreos'))).toEqual([]);
  });

  it('are all in one namespace', () => {
    const namespaces = MANIFESTS.map((one) => (one as IService).metadata?.namespace);
    expect(new Set(namespaces)).toEqual(new Set(['chatgroup-gateway']));
  });

  it('select the Pods and the Service by their labels', () => {
    const budget = only<IPodDisruptionBudget>('PodDisruptionBudget');
    const { topologySpreadConstraints = [] } = pod ?? {};
    expect(topologySpreadConstraints).toHaveLength(2);
    for (const selector of [
      deployment.spec?.selector.matchLabels,
      service.spec?.selector,
      budget.spec?.selector?.matchLabels,
      policy.spec?.podSelector?.matchLabels,
      ...topologySpreadConstraints.map(({ labelSelector }) => labelSelector?.matchLabels),
    ])
      expect(selects(selector, podMetadata?.labels)).toBe(true);
    expect(selects(serviceMonitor.spec?.selector?.matchLabels, service.metadata?.labels)).toBe(true);
  });

  it('refer to each other by name', () => {
    const { apiVersion, kind, metadata } = deployment;
    const { scaleTargetRef } = autoscaler.spec ?? {};
    expect(scaleTargetRef).toEqual({ apiVersion, kind, name: metadata?.name });
    expect(pod?.serviceAccountName).toBe(only<IServiceAccount>('ServiceAccount').metadata?.name);
    expect(container?.envFrom).toEqual([{ configMapRef: { name: settings.metadata?.name } }]);
    // Pods are replaced if a setting changes.
    expect(settings.metadata?.name).toMatch(/^chatgroup-gateway-[a-z0-9]{10}$/);
  });
});

function byKind(a: { readonly kind: string }, b: { readonly kind: string }): number {
  return a.kind.localeCompare(b.kind);
}

describe('the ports', () => {
  it('are those that the gateway listens on, on all addresses', () => {
    const { http, management } = readSettings();
    expect([http.host, management?.host]).toEqual(['0.0.0.0', '0.0.0.0']);
    expect(container?.ports).toEqual([
      { name: 'http', containerPort: http.port },
      { name: 'management', containerPort: management?.port },
    ]);
  });

  it('have the same names in the Service and in what refers to it', () => {
    expect(service.spec?.ports).toMatchObject([
      { name: 'http', targetPort: 'http' },
      { name: 'management', targetPort: 'management' },
    ]);
    expect(serviceMonitor.spec?.endpoints).toMatchObject([{ port: 'management' }]);
  });

  it('are open to ingress controllers, and that for management to monitoring', () => {
    const namespace = (name: string) => [
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } },
    ];
    expect(policy.spec?.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(policy.spec?.ingress).toEqual([
      { from: namespace('ingress-nginx'), ports: [{ protocol: 'TCP', port: 'http' }] },
      { from: namespace('monitoring'), ports: [{ protocol: 'TCP', port: 'management' }] },
    ]);
  });

  it('that the gateway may call are those of DNS, Redis and HTTPS', () => {
    const rules = (policy.spec?.egress ?? []).map(({ to, ports = [] }) => [
      to !== undefined,
      ports.map(({ protocol, port }) => `${protocol} ${port}`),
    ]);
    expect(rules).toEqual([
      [true, ['UDP 53', 'TCP 53']],
      [false, ['TCP 6379']],
      [false, ['TCP 443']],
    ]);
  });
});

describe('the probes', () => {
  let gateway: TestGateway;
  beforeAll(async () => (gateway = await startTestGateway({ MANAGEMENT_PORT: `${await unusedPort()}` })));
  afterAll(() => gateway.close());

  const probe = (name: 'startupProbe' | 'livenessProbe' | 'readinessProbe') => container?.[name]?.httpGet;

  it('and Prometheus request paths that exist', async () => {
    const paths = [
      probe('startupProbe')?.path,
      probe('livenessProbe')?.path,
      probe('readinessProbe')?.path,
      serviceMonitor.spec?.endpoints[0]?.path,
    ];
    expect(paths).toEqual(['/health/live', '/health/live', '/health/ready', '/metrics']);
    const statuses = paths.map(async (path) => (await fetch(`${gateway.managementUrl}${path}`)).status);
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 200]);
  });

  it('go to the management port', () => {
    for (const name of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const)
      expect(probe(name)?.port).toBe('management');
  });
});

describe('the gateway in a Pod', () => {
  it('gets no setting that it does not know', () => {
    const names = [...SETTING_NAMES, ...SECRET_NAMES.map((name) => `${name}_FILE`)];
    expect(names).toEqual(expect.arrayContaining([...Object.keys(env), ...Object.keys(settings.data ?? {})]));
    // Services of the namespace would set variables such as MANAGEMENT_PORT.
    expect(pod?.enableServiceLinks).toBe(false);
  });

  it('accepts its settings under the rules of production', () => {
    const config = readSettings();
    expect(config).toMatchObject({ production: true, sandbox: null, warnings: [] });
    expect(config.http.trustProxy).not.toEqual([]);
    expect(config.changed).toMatchObject(
      Object.fromEntries(Object.keys(SECRETS).map((name) => [name, '(set)'])),
    );
  });

  it('gets secrets and tenants as files of whole volumes, which follow a change', () => {
    const given = Object.keys({ ...env, ...settings.data });
    expect(given.filter((name) => SECRET_NAMES.some((secret) => secret === name))).toEqual([]);
    const files = Object.entries(env).filter(([name]) => name.endsWith('_FILE'));
    const mounts = container?.volumeMounts ?? [];
    const [, section = ''] = readFileSync('docs/operations.md', 'utf8').split(
      /^## (?:On Kubernetes|Health.*)$/m,
    );
    const secretsOfTheGuide = [...section.matchAll(/create secret generic (\S+)/g)].map(([, name]) => name);
    for (const [, path] of files) {
      const mount = mounts.find(({ mountPath }) => mountPath === dirname(path));
      expect(mount).toMatchObject({ readOnly: true });
      expect(mount).not.toHaveProperty('subPath');
      const volume = pod?.volumes?.find((one) => one.name === mount?.name);
      // 0440: for the group of the Pod, and for nobody else.
      expect(volume?.secret).toMatchObject({ defaultMode: 0o440 });
      // The guide says how to make it.
      expect(secretsOfTheGuide).toContain(volume?.secret?.secretName);
      expect(section).toContain(basename(path));
    }
    expect(pod?.securityContext?.fsGroup).toBe(1000);
  });

  it('has the time to complete its requests before it is killed', () => {
    const { shutdownDelayMs, requestBudgetMs } = readSettings().http;
    const [command, pause] = container?.lifecycle?.preStop?.exec?.command ?? [];
    expect([command, Number(pause)]).toEqual(['sleep', expect.any(Number)]);
    expect(Number(pause)).toBeGreaterThan(0);
    const needed = Number(pause) + (shutdownDelayMs + requestBudgetMs) / 1000 + 2;
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(needed);
  });

  it('runs without root, capabilities, a writable file system or a token of the API', () => {
    const user = /^USER (\d+):(\d+)$/m.exec(readFileSync('Dockerfile', 'utf8'));
    expect(pod?.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: Number(user?.[1]),
      runAsGroup: Number(user?.[2]),
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod?.containers).toHaveLength(1);
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers'])
      expect(pod).not.toHaveProperty(field);
    const account = only<IServiceAccount>('ServiceAccount');
    expect([pod, account].map((one) => one?.automountServiceAccountToken)).toEqual([false, false]);
    expect((pod?.volumes ?? []).filter((volume) => !volume.secret)).toEqual([]);
  });

  it('is one of at least two, and is replaced only when a new one is ready', () => {
    expect(autoscaler.spec?.minReplicas).toBeGreaterThanOrEqual(2);
    // With each `kubectl apply`, it would undo what the autoscaler has decided.
    expect(deployment.spec).not.toHaveProperty('replicas');
    expect(deployment.spec?.strategy?.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(container?.image).toMatch(/:\d+\.\d+\.\d+$/);
    expect(container?.resources?.requests).toHaveProperty('cpu');
    expect(container?.resources?.limits).toEqual({ memory: '512Mi' });
  });
});
