import { CamsClient } from '../../src/cams/cams-client.js';
import { ProcessPace } from '../../src/cams/pace/process-pace.js';
import { RequestContext } from '../../src/request/request-context.js';
import { loadConfig } from '../../src/config/config.js';
import { LoadShedding } from '../../src/telemetry/load-shedding.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { Account, type CredentialSource } from '../../src/tenancy/account.js';
import { PERMISSIONS } from '../../src/tenancy/permissions.js';
import type { Principal } from '../../src/tenancy/principal.js';
import { authorizeScope, type TenantScope } from '../../src/tenancy/tenant-scope.js';

export const NUMBER = '8613800000001';
const BUDGET_MS = 20_000;

const KEYS: CredentialSource = { kind: 'static', accessKeyId: 'test-id', accessKeySecret: 'test-secret' };

export function accountWith(credentials: CredentialSource = KEYS, id = 'default'): Account {
  return new Account(id, credentials);
}

/** Returns the principal of a tenant with one space, `cams-<tenantId>`, and one number. */
export function principalOf(tenantId: string, account = accountWith()): Principal {
  const spaces = new Map([[`cams-${tenantId}`, new Set([NUMBER])]]);
  const limits = {
    requestsPerMinute: 600,
    upstreamWeight: 1,
    deletesPerHour: 100,
    stateRecords: 1_000,
    concurrentRequests: 50,
  };
  const tenant = { id: tenantId, name: tenantId, account, spaces, limits };
  return { tenant, id: 'key:test', permissions: new Set(PERMISSIONS), spaces };
}

/** Returns the scope of {@link principalOf}. */
export function scopeOf(
  tenantId = 'acme',
  account = accountWith(),
  request = new RequestContext('test', BUDGET_MS),
): TenantScope {
  const target = { custSpaceId: `cams-${tenantId}`, businessNumber: NUMBER };
  return authorizeScope(principalOf(tenantId, account), target, 'groups:read', request);
}

/** Returns the scope of another tenant to which the space and the number of {@link scopeOf} have moved. */
export function movedScopeOf(tenantId: string): TenantScope {
  const { spaces } = principalOf('acme');
  const principal = { ...principalOf(tenantId), spaces };
  return authorizeScope(
    principal,
    { businessNumber: NUMBER },
    'groups:read',
    new RequestContext('test', BUDGET_MS),
  );
}

/** Returns a scope for a request with this time budget. */
export function scopeWithin(budgetMs: number): TenantScope {
  return scopeOf('acme', accountWith(), new RequestContext('test', budgetMs));
}

/** Returns a client for the endpoint, and its metrics. */
export function clientOf(
  endpoint: string,
  env: Record<string, string> = {},
): { client: CamsClient; metrics: Metrics } {
  const config = loadConfig({
    CAMS_ENDPOINT: endpoint,
    CAMS_QPS: '10000',
    TENANTS_FILE: 'tenants.yaml',
    SINGLE_INSTANCE: 'true',
    API_KEY_PEPPER: 'a pepper of a good length, for tests',
    ...env,
  });
  const metrics = new Metrics();
  const pace = new ProcessPace(config.cams.qps);
  return { client: new CamsClient(config, metrics, new LoadShedding(config, metrics), pace), metrics };
}
