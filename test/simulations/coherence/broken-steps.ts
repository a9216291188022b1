import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Change {
  /** A file of the build. */
  readonly file: string;
  readonly from: string | RegExp;
  readonly to: string;
}

/** A step of the protocol, and the changes that remove it from a build. */
interface Step {
  readonly what: string;
  /** Whether a run detects that it is missing; otherwise only the model does. */
  readonly caughtByRun: boolean;
  readonly changes: readonly Change[];
}

const BEGIN = 'cache/stores/lua/begin.lua';
const END = 'cache/stores/lua/end.lua';
const STORE = 'cache/stores/lua/store.lua';

const SANDBOX = 'sandbox/operations.js';

const NO_BUMP_BEFORE: Change = { file: BEGIN, from: "'g', new_generation(), ", to: '' };
const NO_BUMP_AFTER: Change = { file: END, from: "'g', new_generation(), ", to: '' };

function lostUpstream(what: string, change: Change): Step {
  return {
    what: `not a step of the gateway: the upstream acknowledges ${what} without executing it`,
    caughtByRun: true,
    changes: [change],
  };
}

export const STEPS: Readonly<Record<string, Step>> = {
  generation: {
    what: 'store a list even if a write happened since it was sent',
    caughtByRun: true,
    changes: [
      { file: STORE, from: /if not mine or .* then return '' end/, to: '' },
      { file: STORE, from: "'g', generation, 'r'", to: "'g', meta.g, 'r'" },
    ],
  },
  bumps: {
    what: 'start no new generations for writes',
    caughtByRun: true,
    changes: [NO_BUMP_BEFORE, NO_BUMP_AFTER],
  },
  after: {
    what: 'start no new generation after a write',
    caughtByRun: true,
    changes: [NO_BUMP_AFTER],
  },
  epoch: {
    what: 'trust a Redis server that restarts with old data',
    caughtByRun: true,
    changes: [
      { file: 'cache/stores/lua/prelude.lua', from: 'if meta.e == epoch then', to: 'if meta.e ~= nil then' },
    ],
  },
  settle: {
    what: 'store lists right after a write, although the upstream lags',
    caughtByRun: true,
    changes: [{ file: END, from: 'now + tonumber(ARGV[4])', to: 'now' }],
  },
  confirm: {
    what: 'acknowledge a write as coherent although its end was not confirmed',
    caughtByRun: true,
    changes: [{ file: 'cache/write-intent.js', from: /return 'BOUNDED'/, to: "return 'COHERENT'" }],
  },
  join: {
    what: 'let a reader join any list of the page in flight',
    caughtByRun: true,
    changes: [
      {
        file: 'cache/coalescing.js',
        from: /if \(!(\w+)\) return this\.#start\(key, start\);/,
        to: 'return $1 ? $1.current : this.#start(key, start);',
      },
    ],
  },
  absence: {
    what: 'report a group as missing because of an earlier scan, even if groups were created since',
    caughtByRun: true,
    changes: [
      {
        file: 'chat-groups/reads/ownership.js',
        from: /current !== undefined && .* === current/,
        to: 'true',
      },
    ],
  },
  unsent: {
    what: 'report a write as not sent because its end was not confirmed',
    caughtByRun: true,
    changes: [
      {
        file: 'cache/write-intent.js',
        from: /return 'BOUNDED'/,
        to: "throw new GatewayError('COHERENCE_UNAVAILABLE', 'Nothing was sent.', { retryAfterSeconds: 1 })",
      },
    ],
  },
  'upstream-update': lostUpstream('an update', {
    file: SANDBOX,
    from: 'account.groups.change(id, change)',
    to: 'account.groups.get(id)',
  }),
  'upstream-create': lostUpstream('the creation of a group', {
    file: SANDBOX,
    from: 'account.create({',
    to: 'void ({',
  }),
  'upstream-delete': lostUpstream('a deletion', {
    file: SANDBOX,
    from: 'account.groups.delete(',
    to: 'account.groups.get(',
  }),
  'upstream-removal': lostUpstream('a removal', {
    file: 'sandbox/account.js',
    from: /this\.groups\.change\(id, (\{\s*participants)/,
    to: 'void ($1',
  }),
  before: {
    what: 'start no new generation before a write',
    caughtByRun: false,
    changes: [NO_BUMP_BEFORE],
  },
  intent: {
    what: 'do not announce a write in progress',
    caughtByRun: false,
    changes: [{ file: BEGIN, from: ", 'i:' .. ARGV[3], now + tq", to: '' }],
  },
};

/** Removes a step from the build in this folder. Throws if the code to change is not found. */
export function breakStep(dist: string, name: string): void {
  const step = STEPS[name];
  if (!step) throw new Error(`Unknown step: ${name}.`);
  for (const { file, from, to } of step.changes) {
    const path = join(dist, file);
    const text = readFileSync(path, 'utf8');
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`The code of the step ${name} was not found in ${file}.`);
    writeFileSync(path, changed);
  }
}
