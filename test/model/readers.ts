import { deliver } from './delivery.js';
import { mayFail, spent, type Model, type Step } from './model.js';
import type { Ran } from './protocol.js';
import {
  IDLE,
  named,
  NO_LIST,
  withReader,
  type Age,
  type Command,
  type Reader,
  type State,
} from './state.js';

/** Returns all possible next steps of the readers. */
export function readerSteps(state: State, model: Model): Step[] {
  return state.readers.flatMap((reader, index) => {
    switch (reader.phase) {
      case 'idle':
        return starting(state, index, model);
      case 'leading':
        return leading(state, reader, index, model);
      case 'storing':
        return storing(state, reader, index, model);
      case 'answering':
        return [answered(state, index, reader.payload, `r${index}: responds`)];
      case 'joined':
        return [];
    }
  });
}

/**
 * Starts a read and runs its `read` script in one step: acknowledgements only grow, so a start right before the script
 * has the strictest requirement. For the same reason, a follower that polls again counts as a new start.
 */
function starting(state: State, index: number, model: Model): Step[] {
  const must = state.acknowledged & state.visible;
  const steps =
    model.protocol.join === 'any' ? joins(state, index, must, `r${index}: starts`, anyFlight) : [];
  const { meta, page } = state;
  const current = meta !== null && page !== null && meta.generation === page.generation;
  const ages: Age[] = !current
    ? ['fresh']
    : mayFail(state, model, 'list fails')
      ? ['fresh', 'stale', 'old']
      : ['fresh', 'stale'];
  for (const age of ages) {
    const token = state.nextToken;
    const command: Command = { script: 'read', writer: 0, token, generation: 0, payload: 0, age };
    const label = `r${index}: starts${must ? `, must see ${named(must)}` : ''}, read`;
    const sender = { ...state, nextToken: token + 1 };
    steps.push(
      ...deliver(sender, command, model, {
        replied: (ran, note) => replied(ran, index, { ...IDLE, must, token }, label + note, model),
        timedOut: (after, note) => listedPast(after, index, must, label + note, model),
      }),
    );
  }
  return steps;
}

function replied(ran: Ran, index: number, reader: Reader, start: string, model: Model): Step[] {
  const { state, answer } = ran;
  const generation = state.meta?.generation ?? 0;
  const label = `${start} -> ${answer.kind}`;
  const leader: Reader = { ...reader, phase: 'leading', generation };
  switch (answer.kind) {
    case 'bypass':
      return listedPast(state, index, reader.must, label, model);
    case 'hit':
      return [answered(withReader(state, index, reader), index, answer.payload, label)];
    case 'stale': {
      const served = answered(withReader(state, index, reader), index, answer.payload, label);
      if (!answer.leads) return [served];
      // No reader waits for the background refresh, so it has nothing to show.
      const refreshing = withReader(served.next, index, { ...leader, must: 0 });
      return [{ ...served, label: `${served.label}, refreshes`, next: refreshing }];
    }
    case 'leader':
      return [{ label, next: withReader(state, index, { ...leader, payload: answer.payload }) }];
    case 'follower':
      return [
        { label: `${label}, will poll`, next: state },
        ...listedPast(state, index, reader.must, `${label}, waits too long`, model),
        ...joins(
          state,
          index,
          reader.must,
          label,
          (flight) => anyFlight(flight) && flight.generation === generation,
        ),
      ];
    case 'none':
      return [];
  }
}

function leading(state: State, reader: Reader, index: number, model: Model): Step[] {
  const steps: Step[] = [
    {
      label: `r${index}: lists upstream: ${named(state.visible)}`,
      next: withReader(state, index, { phase: 'storing', payload: state.visible }),
    },
  ];
  if (!mayFail(state, model, 'list fails')) return steps;
  const label = `r${index}: the list FAILS, fail`;
  const served = (after: State, note: string) => [
    reader.payload === NO_LIST
      ? { label: `${label}${note}, returns an error`, next: ended(after, index) }
      : answered(after, index, reader.payload, `${label}${note}, serves the old page`),
  ];
  const fail: Command = { ...OF_READER, script: 'fail', token: reader.token };
  return [
    ...steps,
    ...deliver(spent(state), fail, model, {
      replied: (ran, note) => served(ran.state, note),
      timedOut: served,
    }),
  ];
}

function storing(state: State, reader: Reader, index: number, model: Model): Step[] {
  const { token, generation, payload } = reader;
  const label = `r${index}: store ${named(payload)}`;
  return deliver(state, { ...OF_READER, script: 'store', token, generation, payload }, model, {
    replied: (ran, note) => [
      answered(ran.state, index, payload, `${label}${note} -> ${outcome(state, ran.state)}`),
    ],
    timedOut: (after, note) => [answered(after, index, payload, label + note)],
  });
}

/**
 * Lists without the cache. It lists at once, because a later list shows at least as much, and responds at once, unless
 * others may join it in the meantime.
 */
function listedPast(state: State, index: number, must: number, start: string, model: Model): Step[] {
  const payload = state.visible;
  const label = `${start}, lists without the cache: ${named(payload)}`;
  const next = withReader(state, index, { phase: 'answering', must, payload });
  if (model.protocol.trailing === 'queued') return [answered(next, index, payload, label)];
  return [{ label, next }, ...joins(state, index, must, start, sentList)];
}

const OF_READER = { writer: 0, generation: 0, payload: 0, age: 'fresh' } as const;

function outcome(before: State, after: State): string {
  return after.page === before.page ? 'refused' : 'stored';
}

function joins(
  state: State,
  index: number,
  must: number,
  label: string,
  joinable: (flight: Reader) => boolean,
): Step[] {
  return state.readers.flatMap((flight, other) =>
    other === index || !joinable(flight)
      ? []
      : [
          {
            label: `${label}, joins the flight of r${other}`,
            next: withReader(state, index, { ...IDLE, phase: 'joined', must, flight: other }),
          },
        ],
  );
}

function anyFlight(flight: Reader): boolean {
  return flight.phase === 'leading' || flight.phase === 'storing';
}

function sentList(flight: Reader): boolean {
  return flight.phase === 'answering';
}

/** Gives the list to the reader and to all that joined it. Checks the promise. */
function answered(state: State, index: number, payload: number, label: string): Step {
  const wronged = state.readers.findIndex(
    (reader, other) => (other === index || joined(reader, index)) && (reader.must & ~payload) !== 0,
  );
  const missed = (state.readers[wronged]?.must ?? 0) & ~payload;
  return {
    label: `${label}, returns ${named(payload)}`,
    next: ended(state, index),
    violation:
      wronged < 0
        ? undefined
        : `r${wronged} started after ${named(missed)} was acknowledged as coherent, and got a list without it`,
  };
}

function ended(state: State, index: number): State {
  const readers = state.readers.map((reader, other) =>
    other === index || joined(reader, index) ? IDLE : reader,
  );
  return { ...state, readers };
}

function joined(reader: Reader, index: number): boolean {
  return reader.phase === 'joined' && reader.flight === index;
}
