import { forgettable, NO_LIST, type Command, type Meta, type State } from './state.js';
import type { Model } from './model.js';

type Opened = State & { readonly meta: Meta };

/** The result of `read`; the model does not need those of the other scripts. */
export type Answer =
  | { readonly kind: 'bypass' | 'follower' | 'none' }
  | { readonly kind: 'hit' | 'leader'; readonly payload: number }
  | { readonly kind: 'stale'; readonly payload: number; readonly leads: boolean };

export interface Ran {
  readonly state: State;
  readonly answer: Answer;
}

/** Runs one script atomically on the current state of Redis. */
export function execute(state: State, command: Command, model: Model): Ran {
  const opened = open(state, model);
  switch (command.script) {
    case 'read':
      return read(opened, command, model);
    case 'store':
      return silent(store(opened, command, model));
    case 'fail':
      return silent(released(opened, command.token));
    case 'begin':
      return silent(begin(opened, command, model));
    case 'end':
      return silent(end(opened, command, model));
    case 'bump':
      return silent(bump(opened, command, model));
  }
}

/** The common start of every script (docs/coherence.md). reduction.ts has already dropped expired intents. */
function open(state: State, model: Model): Opened {
  const { meta } = state;
  const foreign = meta !== null && meta.foreign && model.protocol.epoch;
  if (meta !== null && !foreign) return { ...state, meta };
  const quarantined = model.protocol.quarantine && (foreign || state.young !== 0);
  const empty: Meta = { generation: 0, intents: 0, quarantine: 0, settle: 0, foreign: false };
  return bumped({ ...state, meta: { ...empty, quarantine: quarantined ? forgettable(state) : 0 } }, 0, model);
}

function read(state: Opened, command: Command, model: Model): Ran {
  const { meta, page, lease } = state;
  if (meta.intents !== 0 || meta.quarantine !== 0) return { state, answer: { kind: 'bypass' } };
  const current = page !== null && page.generation === meta.generation ? page.payload : NO_LIST;
  if (current !== NO_LIST && command.age === 'fresh')
    return { state, answer: { kind: 'hit', payload: current } };
  // A list sent in the settle window may arrive after it, so it bypasses the cache from the start.
  if (model.protocol.settle === 'sent' && meta.settle !== 0) return { state, answer: { kind: 'bypass' } };
  const free = !model.protocol.lease || lease === null || lease.generation !== meta.generation;
  const leading =
    free && model.protocol.lease
      ? { ...state, lease: { token: command.token, generation: meta.generation } }
      : state;
  if (current !== NO_LIST && command.age === 'stale')
    return { state: leading, answer: { kind: 'stale', payload: current, leads: free } };
  return { state: leading, answer: free ? { kind: 'leader', payload: current } : { kind: 'follower' } };
}

function store(state: Opened, command: Command, { protocol }: Model): State {
  const { meta, lease } = state;
  const accepted =
    (!protocol.storeComparesGeneration || meta.generation === command.generation) &&
    (!protocol.lease || lease?.token === command.token) &&
    (protocol.settle === 'none' || meta.settle === 0) &&
    meta.intents === 0 &&
    meta.quarantine === 0;
  const page = accepted ? { generation: meta.generation, payload: command.payload } : state.page;
  return released({ ...state, page }, command.token);
}

function released(state: State, token: number): State {
  return state.lease?.token === token ? { ...state, lease: null } : state;
}

function begin(state: Opened, command: Command, model: Model): State {
  const next = model.protocol.bumpBefore ? bumped(state, command.generation, model) : state;
  return model.protocol.intent ? withIntents(next, next.meta.intents | (1 << command.writer)) : next;
}

function end(state: Opened, command: Command, model: Model): State {
  const next = model.protocol.bumpAfter ? bumped(state, command.generation, model) : state;
  const ended = withIntents(next, next.meta.intents & ~(1 << command.writer));
  const settle = model.protocol.settle === 'none' ? 0 : state.applied;
  const settling = settle === 0 ? ended : { ...ended, meta: { ...ended.meta, settle } };
  return model.protocol.deleteAfter ? { ...settling, page: null, lease: null } : settling;
}

/**
 * Invalidates the stored page, which may be outdated: after an unknown outcome, and before a reconciled outcome is
 * reported. Intents stay.
 */
function bump(state: Opened, command: Command, model: Model): State {
  const next = bumped(state, command.generation, model);
  return model.protocol.unknownKeepsIntent
    ? next
    : withIntents(next, next.meta.intents & ~(1 << command.writer));
}

/** Starts a new generation as the protocol defines; `chosen` is the sender's choice, if senders choose. */
function bumped(state: Opened, chosen: number, { protocol }: Model): Opened {
  switch (protocol.generation) {
    case 'random':
      return fresh(state);
    case 'client':
      return chosen === 0 ? fresh(state) : withGeneration(state, chosen);
    case 'counter':
      return withGeneration(state, state.meta.generation + 1);
    case 'none':
      return withGeneration(state, 1);
  }
}

function fresh(state: Opened): Opened {
  return withGeneration({ ...state, nextGeneration: state.nextGeneration + 1 }, state.nextGeneration);
}

function withGeneration(state: Opened, generation: number): Opened {
  return { ...state, meta: { ...state.meta, generation } };
}

function withIntents(state: Opened, intents: number): Opened {
  return { ...state, meta: { ...state.meta, intents } };
}

function silent(state: State): Ran {
  return { state, answer: { kind: 'none' } };
}
