import type { Model } from './model.js';
import type { Command, Keys, Reader, ReaderPhase, State, WriterPhase } from './state.js';

const WRITER_PHASES: Record<WriterPhase, number> = {
  idle: 0,
  calling: 1,
  unknown: 2,
  unresolved: 3,
  ending: 4,
  done: 5,
};
const READER_PHASES: Record<ReaderPhase, number> = {
  idle: 0,
  leading: 1,
  storing: 2,
  joined: 3,
  answering: 4,
};
const SCRIPTS: Record<Command['script'], number> = { read: 0, store: 1, fail: 2, begin: 3, end: 4, bump: 5 };

/** Hoisted out of the loop: global lookups are slow in Jest's realm. */
const { fromCharCode } = String;

/**
 * Returns a short key that is equal for states that differ only in the names of generations and lease tokens. Unique
 * names are only ever compared, so each is replaced by the position where it first appears. Counters keep their values.
 */
export function keyOf(state: State, model: Model): string {
  const codes: number[] = [];
  const { generation } = model.protocol;
  const generations = generation === 'random' || generation === 'client' ? renaming() : same;
  const tokens = renaming();
  codes.push(state.applied | (state.visible << 4) | (state.late << 8) | (state.acknowledged << 12));
  codes.push(state.young | (state.faultsLeft << 4));
  const keys = (held: Keys): void => {
    const { meta, page, lease } = held;
    if (meta === null) codes.push(0);
    else
      codes.push(
        1 | (meta.foreign ? 2 : 0) | (meta.intents << 2) | (meta.quarantine << 6) | (meta.settle << 10),
        generations(meta.generation),
      );
    if (page === null) codes.push(0);
    else codes.push(1 + page.payload, generations(page.generation));
    if (lease === null) codes.push(0);
    else codes.push(1 + tokens(lease.token), generations(lease.generation));
  };
  keys(state);
  if (state.snapshot === null) codes.push(0);
  else {
    codes.push(1);
    keys(state.snapshot);
  }
  for (const phase of state.writers) codes.push(WRITER_PHASES[phase]);
  // Readers are interchangeable unless one has joined another.
  const joined = state.readers.some((reader) => reader.phase === 'joined');
  for (const reader of joined
    ? state.readers
    : state.readers.toSorted((a, b) => readerCode(a) - readerCode(b)))
    codes.push(readerCode(reader), generations(reader.generation), tokens(reader.token));
  for (const command of state.inFlight)
    codes.push(
      SCRIPTS[command.script] | (command.writer << 3) | (command.payload << 6),
      generations(command.generation),
      tokens(command.token),
    );
  return fromCharCode(...codes);
}

function readerCode({ phase, must, payload, flight }: Reader): number {
  return READER_PHASES[phase] | (must << 3) | ((payload + 1) << 7) | (flight << 12);
}

function renaming(): (name: number) => number {
  const names: number[] = [0];
  return (name) => {
    const place = names.indexOf(name);
    return place >= 0 ? place : names.push(name) - 1;
  };
}

function same(name: number): number {
  return name;
}
