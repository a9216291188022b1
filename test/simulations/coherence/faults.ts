import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random.js';
import { TIMES } from './settings.js';
import type { Replica, Stage } from './stage.js';

/** A drawn fault: its numbers are fixed before it starts. */
export interface Drawn {
  readonly what: string;
  readonly run: () => Promise<void>;
}

export interface FaultKind {
  /** Relative frequency. */
  readonly weight: number;
  /** The target: only one fault may affect it at a time. */
  readonly on: 'redis' | 'replica' | 'upstream' | 'lag';
  /** How long its consequences may last in ms: reconnecting, a quarantine, an intent. */
  readonly aftermathMs: number;
  readonly draw: (stage: Stage, random: Random, replica: Replica) => Drawn;
}

const WRITES = ['UpdateChatGroup', 'AddChatGroup', 'DeleteChatGroup', 'DeleteChatGroupParticipants'];
const LISTS = ['ListChatGroup', 'ListChatGroupParticipants'];
/** Until clients have reconnected and the quarantine is over. */
const REDIS_BACK_MS = 3_000;

const EVICT = `for i = 1, tonumber(ARGV[1]) do
  local key = redis.call('RANDOMKEY')
  if key then redis.call('DEL', key) end
end`;

/** Every kind of fault, carried out by the sandbox, Redis and the proxies. Each fault ends. */
export const FAULT_KINDS: Readonly<Record<string, FaultKind>> = {
  'redis-kill': {
    weight: 3,
    on: 'redis',
    aftermathMs: REDIS_BACK_MS,
    draw: ({ redis }, random) => {
      const deadMs = random.between(0, 400);
      return {
        what: `and empty restart after ${deadMs} ms`,
        async run() {
          await redis.kill();
          await sleep(deadMs);
          await redis.restart('empty');
        },
      };
    },
  },
  'redis-rollback': {
    weight: 4,
    on: 'redis',
    aftermathMs: REDIS_BACK_MS,
    draw: ({ redis }, random) => {
      const laterMs = random.between(200, 1_500);
      return {
        what: `to the state ${laterMs} ms before`,
        async run() {
          await redis.snapshot();
          await sleep(laterMs);
          await redis.rollback();
        },
      };
    },
  },
  'redis-freeze': {
    weight: 6,
    on: 'redis',
    aftermathMs: 1_500,
    draw: ({ redis }, random) => {
      const ms = random.between(60, 500);
      return {
        what: `for ${ms} ms`,
        async run() {
          redis.freeze();
          await sleep(ms);
          redis.thaw();
        },
      };
    },
  },
  'redis-flush': {
    weight: 6,
    on: 'redis',
    aftermathMs: 500,
    draw: ({ redis }) => ({ what: '', run: () => redis.flush() }),
  },
  'redis-evict': {
    weight: 10,
    on: 'redis',
    aftermathMs: 500,
    draw: ({ redis }, random) => {
      const keys = random.between(1, 12);
      return {
        what: `${keys} keys`,
        async run() {
          await redis.command('EVAL', EVICT, 0, keys);
        },
      };
    },
  },
  'redis-full': {
    weight: 4,
    on: 'redis',
    aftermathMs: 500,
    draw: ({ redis }, random) => {
      const ms = random.between(100, 600);
      return {
        what: `for ${ms} ms`,
        async run() {
          await redis.fill();
          await sleep(ms);
          await redis.unfill();
        },
      };
    },
  },
  'proxy-reset': {
    weight: 8,
    on: 'replica',
    aftermathMs: 500,
    draw: (_stage, _random, { name, redis }) => ({ what: name, run: async () => redis.reset() }),
  },
  'proxy-cut': proxyFault(8, 50, 600, (proxy) => proxy.cut()),
  'proxy-hold': proxyFault(10, 40, 450, (proxy) => proxy.hold()),
  'proxy-delay': proxyFault(8, 200, 1_200, (proxy, random) => proxy.delay(random.between(5, 90))),
  'lost-reply': {
    weight: 10,
    on: 'upstream',
    aftermathMs: TIMES.callMs + TIMES.lateApplyMs,
    draw: (stage, random) => {
      const kind = random.pick(['reset-after-apply', 'hang-after-apply']);
      return spoilt(stage, WRITES, { kind, count: 1 }, 1_000);
    },
  },
  'late-apply': {
    weight: 10,
    on: 'upstream',
    aftermathMs: TIMES.callMs + TIMES.lateApplyMs,
    draw: (stage, random) =>
      spoilt(stage, WRITES, { kind: 'late-apply', count: 1, ms: random.between(20, 300) }, 1_000),
  },
  'write-refused': {
    weight: 4,
    on: 'upstream',
    aftermathMs: 0,
    draw: (stage, random) =>
      spoilt(stage, WRITES, { kind: random.pick(['reject', 'throttle']), count: 1 }, 1_000),
  },
  'server-error': {
    weight: 6,
    on: 'upstream',
    aftermathMs: 750,
    draw: (stage, random) =>
      spoilt(stage, random.pick([WRITES, LISTS]), { kind: 'http500', count: random.between(1, 4) }, 800),
  },
  'list-hang': {
    weight: 4,
    on: 'upstream',
    aftermathMs: TIMES.callMs,
    draw: (stage, random) => spoilt(stage, LISTS, { kind: 'hang', count: random.between(1, 4) }, 500),
  },
  'slow-answers': {
    weight: 16,
    on: 'replica',
    aftermathMs: TIMES.callMs,
    draw: (_stage, random, { name, upstream }) => {
      const delayMs = random.between(20, 220);
      const ms = random.between(300, 1_000);
      return {
        what: `to ${name}, ${delayMs} ms for ${ms} ms`,
        async run() {
          upstream.delayAnswers(delayMs);
          await sleep(ms);
          upstream.delayAnswers(0);
        },
      };
    },
  },
  'list-lag': {
    weight: 8,
    on: 'lag',
    aftermathMs: 0,
    draw: ({ sandbox }, random) => {
      const ms = random.between(500, 1_500);
      return {
        what: `of ${TIMES.listLagMs} ms for ${ms} ms`,
        async run() {
          await sandbox.behave({ listLagMs: TIMES.listLagMs });
          await sleep(ms);
          await sandbox.behave({ listLagMs: 0 });
        },
      };
    },
  },
};

/** The kind of fault in which lists lag, which the cache is not responsible for. */
export const LAG = 'list-lag';

function proxyFault(
  weight: number,
  leastMs: number,
  mostMs: number,
  spoil: (proxy: Replica['redis'], random: Random) => void,
): FaultKind {
  return {
    weight,
    on: 'replica',
    aftermathMs: 500,
    draw: (_stage, random, { name, redis }) => {
      const ms = random.between(leastMs, mostMs);
      return {
        what: `${name} for ${ms} ms`,
        async run() {
          spoil(redis, random);
          await sleep(ms);
          redis.repair();
        },
      };
    },
  };
}

/** A sandbox fault for each action, removed after `ms` even if no call has triggered it. */
function spoilt(
  { sandbox }: Stage,
  actions: readonly string[],
  fault: Parameters<Stage['sandbox']['fault']>[0],
  ms: number,
): Drawn {
  return {
    what: `${JSON.stringify(fault)} of ${actions.join(', ')}`,
    async run() {
      for (const action of actions) await sandbox.fault({ ...fault, action });
      await sleep(ms);
      await sandbox.clearFaults();
    },
  };
}
