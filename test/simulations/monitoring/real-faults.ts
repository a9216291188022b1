import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileSync } from 'node:fs';
import { BUSY_NUMBER, QUIET_NUMBER, TENANT, UNCACHED } from '../soak/settings.js';
import type { Stage } from '../soak/stage.js';
import { type RealFault, sendTo, type Sent } from './real-fault.js';

/** Settings that the faults need, for both gateways. */
export const FAULT_SETTINGS = {
  MAX_CONNECTIONS: '200',
  // Every write to it fails, as on a full disk.
  AUDIT_FILE: '/dev/full',
  // The breaker judges by a part of it.
  CAMS_QPS: '50',
  CAMS_MAX_CONCURRENCY: '8',
  OPERATION_WINDOW_MS: '3000',
  CREATE_RESOLVE_TIMEOUT_MS: '1000',
  MAX_EVENT_LOOP_DELAY_MS: '100',
};
const CONNECTIONS = 300;
const WRONG_KEYS = 20;
const SHORT_MS = 250;
const STALLS = 8;
const STALL_MS = 400;

let drawn = 0;
const BASE = `/v1/spaces/${TENANT.custSpaceId}/numbers`;
const listOf = (number: string): string => `${BASE}/${number}/groups`;
/** The list of a number that was not read before. */
const unread = (): string => listOf(UNCACHED[drawn++ % UNCACHED.length] ?? QUIET_NUMBER);

async function send({ replicas }: Stage, path: string, sent?: Sent): Promise<number> {
  return sendTo(replicas[0]?.url ?? '', path, sent);
}

const lists = (stage: Stage, count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => send(stage, unread())));

async function update(stage: Stage): Promise<unknown> {
  const scope = { custSpaceId: TENANT.custSpaceId, businessNumber: BUSY_NUMBER };
  const [groupId = ''] = await stage.sandbox.createGroups(1, { ...scope, subject: 'Alerted' });
  const body = { description: `Update ${drawn++}.` };
  return send(stage, `${listOf(BUSY_NUMBER)}/${groupId}`, { method: 'PATCH', body });
}

const create = (stage: Stage): Promise<unknown> =>
  send(stage, listOf(BUSY_NUMBER), {
    method: 'POST',
    body: { subject: `Alerted ${drawn++}` },
    idempotencyKey: `alerted-${drawn}`,
  });

const clear = ({ sandbox }: Stage): Promise<void> => sandbox.clearFaults();

async function openConnections({ replicas }: Stage): Promise<void> {
  const { port } = new URL(replicas[0]?.url ?? '');
  const sockets: Socket[] = Array.from({ length: CONNECTIONS }, () =>
    connect(Number(port), '127.0.0.1').on('error', () => undefined),
  );
  await sleep(SHORT_MS);
  for (const socket of sockets) socket.destroy();
}

/** Stalls a process for most of several seconds. */
async function stall(signal: (name: NodeJS.Signals) => void): Promise<void> {
  for (let count = 0; count < STALLS; count += 1) {
    signal('SIGSTOP');
    await sleep(STALL_MS);
    signal('SIGCONT');
    await sleep(STALL_MS / 10);
  }
}

async function overwritePages({ cache }: Stage): Promise<void> {
  const keys = await cache.command('KEYS', 'cg:*:p:*');
  for (const key of keys
    .split('\n')
    .filter((name) => name !== '')
    .slice(0, 50))
    await cache.command('HSET', key, 'v', '{"scope":"another"}', 'r', 'planted');
}

export const REAL_FAULTS: readonly RealFault[] = [
  {
    alerts: ['GatewayAuditFailures'],
    what: 'a write, while the disk of the audit file is full',
    act: update,
  },
  {
    alerts: ['GatewayConnectionsRefused'],
    what: 'more connections than MAX_CONNECTIONS',
    act: openConnections,
  },
  {
    alerts: ['GatewayCredentialsGuessed'],
    what: 'many wrong keys from one address',
    act: (stage) =>
      Promise.all(
        Array.from({ length: WRONG_KEYS }, (_, n) =>
          send(stage, '/v1/viewer', { key: `cgk_none${n}.${'x'.repeat(43)}` }),
        ),
      ),
  },
  {
    alerts: ['GatewayForeignPages'],
    what: 'something else writes to the cache Redis',
    act: async (stage) => {
      await send(stage, listOf(QUIET_NUMBER));
      await overwritePages(stage);
      await send(stage, listOf(QUIET_NUMBER));
    },
  },
  {
    alerts: ['GatewayOutcomeUnknown'],
    what: 'CAMS closes the connection of an update',
    act: async (stage) => {
      await stage.sandbox.fault({ kind: 'reset-after-apply', action: 'UpdateChatGroup', count: 1 });
      await update(stage);
    },
    end: clear,
  },
  {
    alerts: ['GatewayCreatesUnresolved'],
    what: 'CAMS closes the connection of a create request, and does not execute it',
    act: async (stage) => {
      await stage.sandbox.fault({ kind: 'reset', action: 'AddChatGroup', count: 1 });
      await create(stage);
    },
    end: clear,
  },
  {
    alerts: ['GatewayCamsNotAllowed'],
    what: 'the account lacks a permission',
    act: async (stage) => {
      await stage.sandbox.fault({ kind: 'reject', action: 'AddChatGroup', code: 'NoPermission' });
      await create(stage);
    },
    end: clear,
  },
  {
    alerts: ['GatewayCamsThrottled'],
    what: 'CAMS throttles',
    act: async (stage) => {
      await stage.sandbox.fault({ kind: 'throttle', ms: 100 });
      await lists(stage, 2);
    },
    end: clear,
  },
  {
    alerts: ['GatewayCamsQueue', 'GatewaySlow'],
    what: 'CAMS takes 6 s',
    act: async (stage) => {
      await stage.sandbox.clearFaults();
      await stage.sandbox.fault({ kind: 'latency', ms: 6_000 });
      await lists(stage, 20);
    },
    end: clear,
  },
  {
    alerts: ['GatewayCamsBroken', 'GatewayFailures'],
    what: 'CAMS responds 500',
    act: async (stage) => {
      await stage.sandbox.fault({ kind: 'http500' });
      await lists(stage, 20);
    },
    end: clear,
  },
  {
    alerts: ['GatewayCamsAccountNotReady'],
    what: 'CAMS refuses the account',
    act: async (stage) => {
      await stage.sandbox.fault({ kind: 'reject', code: 'Authentication.NoAuth' });
      await lists(stage, 1);
    },
    end: clear,
  },
  {
    alerts: ['GatewayStateRedisRefuses'],
    what: 'the memory of the state Redis is full',
    act: async (stage) => {
      await stage.state.command('CONFIG', 'SET', 'maxmemory', '1');
      await create(stage);
    },
    end: ({ state }) => state.command('CONFIG', 'SET', 'maxmemory', '0'),
  },
  {
    alerts: ['GatewayQuotaCountedAlone'],
    what: 'the state Redis responds slowly',
    act: async (stage) => {
      stage.state.freeze();
      const waiting = lists(stage, 3);
      await sleep(SHORT_MS);
      stage.state.thaw();
      await waiting;
    },
  },
  {
    alerts: ['GatewayStateRedisDown'],
    what: 'the state Redis is killed',
    act: ({ state }) => state.kill(),
    end: ({ state }) => state.restart(),
  },
  {
    alerts: ['GatewayCacheRedisDown'],
    what: 'the cache Redis is killed',
    act: ({ cache }) => cache.kill(),
    end: ({ cache }) => cache.restart(),
  },
  {
    alerts: ['GatewayOverloaded'],
    what: 'a gateway stalls',
    act: ({ replicas }) => stall((name) => replicas[0]?.process.signal(name)),
  },
  {
    alerts: ['GatewayTenantsFileRefused'],
    what: 'the tenants file has a fault',
    act: async ({ tenantsFile }) => writeFileSync(tenantsFile, 'tenants: 1\n'),
    end: async (stage) => stage.changeTenants(),
  },
  {
    alerts: ['GatewayDown'],
    what: 'a gateway is killed',
    act: async ({ replicas }) => replicas[1]?.process.end('SIGKILL'),
  },
];
