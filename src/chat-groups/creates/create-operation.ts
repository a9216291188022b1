import type { CoherenceLevel } from '../../cache/write-intent.js';
import type { CamsGroupRow } from '../../cams/api.js';
import type { StoredError } from '../../errors/stored-error.js';
import { randomToken } from '../../util/random-token.js';
import type { Written } from '../writes/write.js';

export type OperationState = 'SUCCEEDED' | 'PENDING' | 'UNRESOLVED';

/** A create operation, from before its add call is sent until its group is found or given up. JSON-serializable. */
export interface CreateOperation {
  readonly id: string;
  /** The process that created the operation; only its own clock is comparable with the timestamps. */
  readonly madeBy: string;
  readonly tenantId: string;
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly subject: string;
  readonly withInviteLink: boolean;
  /** Whether the request has an idempotency key. Missing in operations of earlier versions. */
  readonly isKeyed?: boolean;
  /** Groups with this subject that existed before the add call. */
  readonly existing: readonly string[];
  /** When {@link existing} had been listed, epoch ms. The add call is sent later, once it has a permit. */
  readonly preparedAtMs: number;
  /** Whether the add call may have been sent. */
  readonly sent: boolean;
  /** When it was about to be sent, epoch ms. Missing if only its process knows, and in operations of earlier versions. */
  readonly sentAtMs?: number;
  /** Whether CAMS confirmed the add call; otherwise only a new group can show that it was executed. */
  readonly addConfirmed: boolean;
  /** What CAMS returned instead of a group ID. */
  readonly uniqueCode?: string | undefined;
  readonly state: OperationState;
  /** How many times the gateway has looked for the group. Missing in operations of earlier versions. */
  readonly attempts?: number;
  /** Whether the last lookup does not show whether there is a group: it failed, or there are several candidates. */
  readonly inconclusive?: boolean;
  /** Whether the operation ended without its add call being sent. */
  readonly dropped?: boolean;
  /** Whether a caller has closed it. */
  readonly closed?: boolean;
  readonly detail?: string;
  /** The created group, as last seen. */
  readonly row?: CamsGroupRow;
  /** What finding the group and creating its link guarantees to later reads. */
  readonly coherence: CoherenceLevel;
  /** Why the requested link could not be created, and when that was attempted, epoch ms. */
  readonly inviteLinkError?: StoredError;
  readonly inviteLinkTriedAtMs?: number;
}

/** Outcome of a create request. The group is missing while the operation is pending. */
export interface CreatedGroup extends Written {
  readonly operation: CreateOperation;
}

export function newOperationId(): string {
  return `op_${randomToken(16)}`;
}

/** Returns the group that an operation created, once the operation has succeeded. */
export function madeGroup({ state, row }: CreateOperation): CamsGroupRow | undefined {
  return state === 'SUCCEEDED' ? row : undefined;
}
