import { deliver } from './delivery.js';
import { mayFail, spent, type Model, type Step } from './model.js';
import { withWriter, type Command, type State } from './state.js';

/** Returns all possible next steps of the writers. */
export function writerSteps(state: State, model: Model): Step[] {
  return state.writers.flatMap((phase, writer) => {
    switch (phase) {
      case 'idle':
        return beginning(state, writer, model);
      case 'calling':
        return [...calling(state, writer, model), ...crashing(state, writer, model)];
      case 'unknown':
        return [...outcomeUnknown(state, writer, model), ...crashing(state, writer, model)];
      case 'unresolved':
        return reconciling(state, writer, model);
      case 'ending':
        return [...ending(state, writer, model), ...crashing(state, writer, model)];
      case 'done':
        return [];
    }
  });
}

function beginning(state: State, writer: number, model: Model): Step[] {
  const label = `w${writer}: begin`;
  const calls = model.bounds.coherence === 'available';
  const refused = calls ? ', writes anyway' : ', returns COHERENCE_UNAVAILABLE';
  return deliver(...command(state, 'begin', writer, model), model, {
    replied: (ran, note) => [{ label: label + note, next: withWriter(ran.state, writer, 'calling') }],
    timedOut: (after, note) => [
      { label: label + note + refused, next: withWriter(after, writer, calls ? 'calling' : 'done') },
    ],
  });
}

function calling(state: State, writer: number, model: Model): Step[] {
  const steps = [
    {
      label: `w${writer}: the upstream applies it and replies`,
      next: withWriter(applied(state, writer, model), writer, 'ending'),
    },
  ];
  if (mayFail(state, model, 'lost reply'))
    steps.push({
      label: `w${writer}: the reply is LOST, the mutation may be applied late or never`,
      next: withWriter(spent({ ...state, late: state.late | (1 << writer) }), writer, 'unknown'),
    });
  return steps;
}

function outcomeUnknown(state: State, writer: number, model: Model): Step[] {
  const label = `w${writer}: outcome unknown, bump`;
  return deliver(...command(state, 'bump', writer, model), model, {
    replied: (ran, note) => [{ label: label + note, next: withWriter(ran.state, writer, 'unresolved') }],
    timedOut: (after, note) => [{ label: label + note, next: withWriter(after, writer, 'unresolved') }],
  });
}

/** Reconciles: an uncached list shows the mutation, which is reported after starting a new generation. */
function reconciling(state: State, writer: number, model: Model): Step[] {
  if (!(state.visible & (1 << writer))) return [];
  const label = `w${writer}: an uncached list shows it`;
  if (!model.protocol.reconcileBumps)
    return [{ label: `${label}, returns coherent`, next: acknowledged(state, writer) }];
  return deliver(...command(state, 'bump', writer, model), model, {
    replied: (ran, note) => [
      { label: `${label}, bump${note}, returns coherent`, next: acknowledged(ran.state, writer) },
    ],
    timedOut: (after, note) => [{ label: `${label}, bump${note}`, next: after }],
  });
}

function ending(state: State, writer: number, model: Model): Step[] {
  const label = `w${writer}: end`;
  return deliver(...command(state, 'end', writer, model), model, {
    replied: (ran, note) => [
      { label: `${label}${note}, returns coherent`, next: acknowledged(ran.state, writer) },
    ],
    timedOut: (after, note) =>
      model.protocol.coherentNeedsEnd
        ? [
            { label: `${label}${note}, will retry`, next: after },
            { label: `${label}${note}, returns bounded`, next: withWriter(after, writer, 'done') },
          ]
        : [
            {
              label: `${label}${note}, returns coherent anyway`,
              next: acknowledged(after, writer),
            },
          ],
  });
}

function crashing(state: State, writer: number, model: Model): Step[] {
  if (!mayFail(state, model, 'writer crash')) return [];
  const sent = state.writers[writer] === 'calling' ? 1 << writer : 0;
  return [
    {
      label: `w${writer}: CRASH${sent ? ', its call may be in flight' : ''}`,
      next: withWriter(spent({ ...state, late: state.late | sent }), writer, 'done'),
    },
  ];
}

/** Returns steps for mutations of lost calls, which the upstream applies late or never. */
export function lateSteps(state: State, model: Model): Step[] {
  return state.writers.flatMap((_, writer) => {
    if (!(state.late & (1 << writer))) return [];
    const decided = { ...state, late: state.late & ~(1 << writer) };
    return [
      { label: `upstream: applies w${writer} late`, next: applied(decided, writer, model) },
      { label: `upstream: never applies w${writer}`, next: decided },
    ];
  });
}

function applied(state: State, writer: number, model: Model): State {
  const all = state.applied | (1 << writer);
  return { ...state, applied: all, visible: model.bounds.lag ? state.visible : all };
}

function acknowledged(state: State, writer: number): State {
  return { ...withWriter(state, writer, 'done'), acknowledged: state.acknowledged | (1 << writer) };
}

/** Returns the command, and the state after its sender chose a generation, if senders choose. */
function command(
  state: State,
  script: 'begin' | 'end' | 'bump',
  writer: number,
  model: Model,
): [State, Command] {
  const chooses = model.protocol.generation === 'client';
  const generation = chooses ? state.nextGeneration : 0;
  const sender = chooses ? { ...state, nextGeneration: generation + 1 } : state;
  return [sender, { script, writer, token: 0, generation, payload: 0, age: 'fresh' }];
}
