import { digestOf } from '../../../src/util/digest.js';
import type { Random } from '../coherence/random.js';
import { TENANT, WRITES_PER_SCOPE } from './settings.js';

export const KINDS = ['create', 'update', 'delete', 'remove', 'link', 'unlink'] as const;
export type Kind = (typeof KINDS)[number];

/** Faults of the first upstream call of a write and of its response. */
export const SPOILINGS = [
  'reset-before-apply',
  'reset-after-apply',
  'hang-before-apply',
  'hang-after-apply',
  'http500-before-apply',
  'http500-after-apply',
  'late-apply',
  'throttled',
  'rejected',
  'slow',
] as const;
export type Spoiling = (typeof SPOILINGS)[number];

/** A write that a client requests until it knows the outcome. */
export interface Write {
  readonly n: number;
  readonly kind: Kind;
  readonly idempotencyKey: string;
  /** Its key in the state store. */
  readonly recordKey: string;
  readonly businessNumber: string;
  /** Unique to this write: the subject of a new group, or the description of an update. */
  readonly mark: string;
  /** Whether other writes have the same group; only for updates. */
  readonly shared: boolean;
  readonly withInviteLink: boolean;
  readonly spoiling: Spoiling | undefined;
  /** Whether two identical requests are sent at once. */
  readonly twice: boolean;
  /** How often it is requested again after its outcome is known. */
  readonly replays: number;
  groupId: string;
}

export const MEMBERS = ['8613811110001', '8613811110002', '8613811110003'] as const;

const SHARES: readonly (readonly [Kind, number])[] = [
  ['create', 0.42],
  ['update', 0.3],
  ['delete', 0.15],
  ['remove', 0.06],
  ['link', 0.04],
  ['unlink', 0.03],
];
const SHARED_SHARE = 0.25;
const LINKED_SHARE = 0.06;
const TWICE_SHARE = 0.04;
const REPLAY_SHARE = 0.5;
const SPOILT_SHARE = 0.16;

/** Returns the writes of a run, which depend only on its seed. */
export function planWrites(count: number, seed: number, random: Random): Write[] {
  const scopes = Math.max(4, Math.ceil(count / WRITES_PER_SCOPE));
  return Array.from({ length: count }, (_, n): Write => {
    const kind = drawKind(random);
    const idempotencyKey = `w-${seed}-${n}`;
    return {
      n,
      kind,
      idempotencyKey,
      recordKey: `cgs:k:${digestOf([TENANT.id, idempotencyKey])}`,
      businessNumber: `86139${String(random.between(0, scopes - 1)).padStart(8, '0')}`,
      mark: `w${n}`,
      shared: random.next() < SHARED_SHARE && kind === 'update',
      withInviteLink: random.next() < LINKED_SHARE && kind === 'create',
      spoiling: random.next() < SPOILT_SHARE ? random.pick(SPOILINGS) : undefined,
      twice: random.next() < TWICE_SHARE,
      replays: random.next() < REPLAY_SHARE ? random.between(1, 2) : 0,
      groupId: '',
    };
  });
}

function drawKind(random: Random): Kind {
  let place = random.next();
  for (const [kind, share] of SHARES) {
    place -= share;
    if (place < 0) return kind;
  }
  return 'create';
}
