import { arrivals } from './delivery.js';
import { expirySteps } from './expiry.js';
import { faultSteps } from './faults.js';
import { violated } from './invariants.js';
import { keyOf } from './key.js';
import type { Model, Step } from './model.js';
import { readerSteps } from './readers.js';
import { reduced } from './reduction.js';
import { initialState, type State } from './state.js';
import { lateSteps, writerSteps } from './writers.js';

export interface Exploration {
  readonly states: number;
  /** Labels of all steps tried. */
  readonly steps: ReadonlySet<string>;
  /** The shortest path to a violation: one line per step, then the violation. Empty if there is none. */
  readonly counterexample: readonly string[];
}

/** Above this, the exploration is too large for CI: it throws instead of passing on part of the states. */
const MOST_STATES = 2_000_000;

/** Visits every reachable state, nearest first, until one violates an invariant. */
export function explore(model: Model): Exploration {
  const { readers, writers, atMost } = model.bounds;
  const start = initialState(readers, writers, atMost);
  const seen = new Set([keyOf(start, model)]);
  const labels = new Set<string>();
  // For each state, the ID of its predecessor and the index of the step taken there.
  const parents = [-1];
  const choices = [-1];
  let frontier = [{ state: start, id: 0 }];
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { state, id } of frontier) {
      const steps = stepsOf(state, model);
      for (const [choice, step] of steps.entries()) {
        labels.add(step.label);
        const after = reduced(step.next, model);
        const violation = step.violation ?? violated(after, model);
        if (violation !== undefined)
          return {
            states: seen.size,
            steps: labels,
            counterexample: [...replay(start, path(id, parents, choices), model), step.label, violation],
          };
        const key = keyOf(after, model);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ state: after, id: parents.length });
        parents.push(id);
        choices.push(choice);
      }
    }
    if (seen.size > MOST_STATES)
      throw new Error(`more than ${MOST_STATES} states: ${JSON.stringify(model.bounds)}`);
    frontier = next;
  }
  return { states: seen.size, steps: labels, counterexample: [] };
}

function stepsOf(state: State, model: Model): Step[] {
  return [
    ...writerSteps(state, model),
    ...readerSteps(state, model),
    ...lateSteps(state, model),
    ...arrivals(state, model),
    ...expirySteps(state, model),
    ...faultSteps(state, model),
  ];
}

/** Returns the choices that lead to a state. */
function path(id: number, parents: readonly number[], choices: readonly number[]): number[] {
  const taken: number[] = [];
  for (let at = id; at > 0; at = parents[at] ?? 0) taken.unshift(choices[at] ?? 0);
  return taken;
}

/** Returns the labels along a path. The search stores choices as numbers; only a counterexample needs labels. */
function replay(start: State, taken: readonly number[], model: Model): string[] {
  let state = start;
  return taken.map((choice) => {
    const step = stepsOf(state, model)[choice];
    if (step === undefined)
      throw new Error('the model is not deterministic: a replay produced different steps');
    state = reduced(step.next, model);
    return step.label;
  });
}
