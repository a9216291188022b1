import { execute, type Ran } from './protocol.js';
import { mayFail, spent, type Model, type Step } from './model.js';
import type { Command, State } from './state.js';

/** The next steps of a script's caller. */
export interface Caller {
  replied(ran: Ran, note: string): readonly Step[];
  /** The outcome is unknown: the command may still run at any later moment. */
  timedOut(state: State, note: string): readonly Step[];
}

/** Delivers a script call: it gets a reply, gets a reply and is duplicated, or times out. */
export function deliver(state: State, command: Command, model: Model, caller: Caller): Step[] {
  const ran = execute(state, command, model);
  const steps = [...caller.replied(ran, '')];
  if (mayFail(state, model, 'duplicate delivery')) {
    const doubled = { ...ran, state: spent(sent(ran.state, command)) };
    steps.push(...caller.replied(doubled, ' [a duplicate stays in flight]'));
  }
  if (mayFail(state, model, 'redis timeout'))
    steps.push(...caller.timedOut(spent(sent(state, command)), ' [times out, may run later]'));
  return steps;
}

/** Delivers commands in flight. */
export function arrivals(state: State, model: Model): Step[] {
  return state.inFlight.map((command, index) => {
    const left = { ...state, inFlight: state.inFlight.toSpliced(index, 1) };
    return {
      label: `redis: a delayed ${described(command)} runs`,
      next: execute(left, command, model).state,
    };
  });
}

/** Adds a command in flight. Commands are sorted, so that their order does not make two states differ. */
function sent(state: State, command: Command): State {
  // All a late `read` can do is acquire a lease, and whether the page is stale or missing makes no difference to that.
  const inFlight = [...state.inFlight, { ...command, age: 'stale' as const }].sort(
    (a, b) =>
      a.script.localeCompare(b.script) ||
      a.writer - b.writer ||
      a.payload - b.payload ||
      a.generation - b.generation ||
      a.token - b.token,
  );
  return { ...state, inFlight };
}

function described(command: Command): string {
  const ofWriter = ['begin', 'end', 'bump'].includes(command.script);
  return ofWriter ? `${command.script} of w${command.writer}` : command.script;
}
