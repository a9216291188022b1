import { execute, type Ran } from './protocol.js';
import { mayFail, spent, type Model, type Step } from './model.js';
import type { Command, State } from './state.js';

/** What the caller of a script does next. */
export interface Caller {
  replied(ran: Ran, note: string): readonly Step[];
  /** Nobody knows whether the command runs: it may, at any later moment. */
  timedOut(state: State, note: string): readonly Step[];
}

/** A script call as the network treats it: answered; answered and doubled; or timed out. */
export function deliver(state: State, command: Command, model: Model, caller: Caller): Step[] {
  const ran = execute(state, command, model);
  const steps = [...caller.replied(ran, '')];
  if (mayFail(state, model, 'duplicate delivery')) {
    const doubled = { ...ran, state: spent(sent(ran.state, command)) };
    steps.push(...caller.replied(doubled, ' [a duplicate stays on the way]'));
  }
  if (mayFail(state, model, 'redis timeout'))
    steps.push(...caller.timedOut(spent(sent(state, command)), ' [times out, may run later]'));
  return steps;
}

/** Commands on the way that arrive now. */
export function arrivals(state: State, model: Model): Step[] {
  return state.inFlight.map((command, index) => {
    const left = { ...state, inFlight: state.inFlight.toSpliced(index, 1) };
    return {
      label: `redis: a delayed ${described(command)} runs`,
      next: execute(left, command, model).state,
    };
  });
}

/** Keeps the commands in an order of their own, so that two states differ only where it matters. */
function sent(state: State, command: Command): State {
  // A late `read` can do no more than take a lease, and would take it from a stale page as from none.
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
