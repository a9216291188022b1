import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Change {
  /** A file of the build. */
  readonly file: string;
  readonly from: string | RegExp;
  readonly to: string;
}

/** A step of the protocol, and how a build does without it. */
interface Step {
  readonly what: string;
  /** Whether a run finds it; what it does not find, the model does. */
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
    what: `no step of ours: the upstream says yes to ${what} and does not carry it out, so that it is lost`,
    caughtByRun: true,
    changes: [change],
  };
}

export const STEPS: Readonly<Record<string, Step>> = {
  generation: {
    what: 'a list is stored whatever happened since it was sent',
    caughtByRun: true,
    changes: [
      { file: STORE, from: /if not mine or .* then return '' end/, to: '' },
      { file: STORE, from: "'g', generation, 'r'", to: "'g', meta.g, 'r'" },
    ],
  },
  bumps: {
    what: 'writes make no new generation',
    caughtByRun: true,
    changes: [NO_BUMP_BEFORE, NO_BUMP_AFTER],
  },
  after: {
    what: 'no new generation after a write',
    caughtByRun: true,
    changes: [NO_BUMP_AFTER],
  },
  epoch: {
    what: 'a Redis that comes back with old data is believed',
    caughtByRun: true,
    changes: [
      { file: 'cache/stores/lua/prelude.lua', from: 'if meta.e ~= epoch then', to: 'if meta.e == nil then' },
    ],
  },
  settle: {
    what: 'lists are stored at once after a write, though the upstream lags',
    caughtByRun: true,
    changes: [{ file: END, from: 'now + tonumber(ARGV[4])', to: 'now' }],
  },
  confirm: {
    what: 'a write is acknowledged as coherent though nobody confirmed its end',
    caughtByRun: true,
    changes: [{ file: 'cache/write-intent.js', from: /return 'BOUNDED'/, to: "return 'COHERENT'" }],
  },
  join: {
    what: 'a reader joins any list of the page that is under way',
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
    what: 'a group that an earlier scan did not show is not there, whatever was made since',
    caughtByRun: true,
    changes: [
      {
        file: 'chat-groups/reads/ownership.js',
        from: /if \(current !== undefined && .* === current\)/,
        to: 'if (true)',
      },
    ],
  },
  unsent: {
    what: 'a write is answered as not sent because nobody confirmed its end',
    caughtByRun: true,
    changes: [
      {
        file: 'cache/write-intent.js',
        from: /return 'BOUNDED'/,
        to: "throw new GatewayError('COHERENCE_UNAVAILABLE', 'Nothing was sent.', { retryAfterSeconds: 1 })",
      },
    ],
  },
  'upstream-update': lostUpstream('a change', {
    file: SANDBOX,
    from: 'account.groups.change(id, change)',
    to: 'account.groups.get(id)',
  }),
  'upstream-create': lostUpstream('a create', { file: SANDBOX, from: 'account.create({', to: 'void ({' }),
  'upstream-delete': lostUpstream('a delete', {
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
    what: 'no new generation before a write',
    caughtByRun: false,
    changes: [NO_BUMP_BEFORE],
  },
  intent: {
    what: 'a write in progress is not announced',
    caughtByRun: false,
    changes: [{ file: BEGIN, from: ", 'i:' .. ARGV[3], now + tq", to: '' }],
  },
};

/** Takes the step out of the build in this folder. Throws when it is not where it was. */
export function breakStep(dist: string, name: string): void {
  const step = STEPS[name];
  if (!step) throw new Error(`There is no step ${name}.`);
  for (const { file, from, to } of step.changes) {
    const path = join(dist, file);
    const text = readFileSync(path, 'utf8');
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`The step ${name} is not where it was in ${file}.`);
    writeFileSync(path, changed);
  }
}
