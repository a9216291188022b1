import type { Bounds, Protocol } from './model.js';

/** A protocol with steps omitted or wrong, and limits within which the checker must find the violation. */
export interface Variant {
  readonly name: string;
  readonly change: Partial<Protocol>;
  readonly bounds: Partial<Bounds>;
}

/**
 * Simpler protocols that docs/coherence.md rules out. They break the promise itself, unless other checks are enabled.
 */
export const BROKEN: readonly Variant[] = [
  {
    name: 'delete after write',
    change: {
      generation: 'none',
      bumpBefore: false,
      bumpAfter: false,
      intent: false,
      deleteAfter: true,
      lease: false,
    },
    bounds: {},
  },
  {
    name: 'counter with eviction',
    change: { generation: 'counter' },
    bounds: { faults: ['meta evicted'], atMost: 1 },
  },
  {
    name: 'client-chosen generation with duplicates',
    change: { generation: 'client' },
    bounds: { writers: 2, readers: 1, faults: ['duplicate delivery'], atMost: 1 },
  },
  {
    name: 'no epoch with rollback',
    change: { epoch: false },
    bounds: { faults: ['rollback'], atMost: 1 },
  },
  {
    name: 'no bump before',
    change: { bumpBefore: false },
    bounds: { faults: ['writer crash'], atMost: 1, visiblePageIsComplete: true },
  },
  {
    name: 'no intent',
    change: { intent: false },
    bounds: { faults: ['writer crash'], atMost: 1, visiblePageIsComplete: true },
  },
  { name: 'naive join', change: { join: 'any' }, bounds: {} },
  { name: 'no settle under lag', change: { settle: 'none' }, bounds: { lag: true } },
  {
    name: 'intent cleared on unknown outcome',
    change: { unknownKeepsIntent: false },
    bounds: { faults: ['lost reply'], atMost: 1, visiblePageIsComplete: true },
  },
  {
    name: 'leases alone',
    change: { generation: 'none', bumpBefore: false, bumpAfter: false, intent: false, deleteAfter: true },
    bounds: { faults: ['writer crash'], atMost: 1, visiblePageIsComplete: true },
  },
];

/** Mistakes in single steps. */
export const MISTAKES: readonly Variant[] = [
  { name: 'store without comparing the generation', change: { storeComparesGeneration: false }, bounds: {} },
  {
    name: 'no new generation at the end',
    change: { bumpAfter: false },
    bounds: { faults: ['redis timeout'], atMost: 1 },
  },
  {
    name: 'coherent without a confirmed end',
    change: { coherentNeedsEnd: false },
    bounds: { faults: ['redis timeout'], atMost: 2 },
  },
  {
    name: 'joining an uncached list that was already sent',
    change: { trailing: 'any' },
    bounds: { writers: 2 },
  },
  {
    name: 'settle window checked only when the list arrives',
    change: { settle: 'arriving' },
    bounds: { lag: true },
  },
  {
    name: 'no quarantine after a restart',
    change: { quarantine: false },
    bounds: { faults: ['restart empty', 'lost reply'], atMost: 2, visiblePageIsComplete: true },
  },
  {
    name: 'unknown outcome reconciled without a new generation',
    change: { reconcileBumps: false },
    bounds: { faults: ['lost reply', 'meta evicted'], atMost: 2 },
  },
  {
    name: 'leases alone, rolled back',
    change: { generation: 'none', bumpBefore: false, bumpAfter: false, intent: false, deleteAfter: true },
    bounds: { faults: ['rollback'], atMost: 1 },
  },
  {
    name: 'no leases',
    change: { lease: false },
    bounds: { oneListPerGeneration: true },
  },
];
