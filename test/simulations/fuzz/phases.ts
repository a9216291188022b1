import type { Random } from '../coherence/random.js';
import { brokenTransport } from './upstream/broken-transport.js';
import type { Spoil } from './upstream/upstream-proxy.js';
import { wrongContent } from './upstream/wrong-content.js';

/** A part of the run, by how CAMS behaves. */
export interface Phase {
  readonly name: string;
  /** Returns how to spoil the response to a call. */
  readonly spoil: ((random: Random, note: (name: string) => void) => Spoil) | undefined;
  /** Whether lists that a gateway shows must be true even now. */
  readonly staysTrue: boolean;
}

export const PHASES: readonly [Phase, ...Phase[]] = [
  { name: 'clean', spoil: undefined, staysTrue: true },
  { name: 'broken transport', spoil: brokenTransport, staysTrue: true },
  { name: 'clean again', spoil: undefined, staysTrue: true },
  { name: 'wrong content', spoil: wrongContent, staysTrue: false },
];
/** How many of the calls are spoilt in such a phase. */
export const SPOILT_SHARE = 0.4;
export const PHASE_MS = 15_000;
