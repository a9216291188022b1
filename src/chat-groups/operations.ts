import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Coherence } from '../cache/page-cache.js';
import type { GatewayError } from '../common/errors.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';

export type OperationState = 'SUCCEEDED' | 'PENDING' | 'UNRESOLVED';

/** A create, from before its add was sent until its group is found, or given up. */
export interface CreateOperation {
  readonly id: string;
  readonly tenantId: string;
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly subject: string;
  readonly withInviteLink: boolean;
  /** Groups of this subject that existed before the add. */
  readonly existing: ReadonlySet<string>;
  /** `performance.now()` just before the add was sent. */
  readonly sentAtMs: number;
  /** Whether CAMS confirmed the add; otherwise only a new group can tell. */
  addConfirmed: boolean;
  state: OperationState;
  detail: string | undefined;
  groupId: string | undefined;
  /** What finding the group, and making its link, may promise to later reads. */
  coherence: Coherence;
  /** Why the link that was asked for could not be made. */
  inviteLinkError: GatewayError | undefined;
}

const DAY_MS = 86_400_000;
const MAX_OPERATIONS = 50_000;

/** The creates of the last 24 h; in this process. */
@Injectable()
export class Operations {
  readonly #operations = new LRUCache<string, CreateOperation>({ max: MAX_OPERATIONS, ttl: DAY_MS });
  /** Group → the operation that found it, so that no two creates claim one group. */
  readonly #claims = new LRUCache<string, string>({ max: MAX_OPERATIONS, ttl: DAY_MS });

  newId(): string {
    return `op_${randomBytes(16).toString('base64url')}`;
  }

  save(operation: CreateOperation): void {
    this.#operations.set(operation.id, operation);
  }

  get(id: string): CreateOperation | undefined {
    return this.#operations.get(id);
  }

  /** Whether the group is this operation's now; `false` when another one claimed it before. */
  claim(scope: TenantScope, groupId: string, operation: CreateOperation): boolean {
    if (this.isClaimed(scope, groupId)) return false;
    this.#claims.set(`${scope.key}${groupId}`, operation.id);
    return true;
  }

  isClaimed(scope: TenantScope, groupId: string): boolean {
    return this.#claims.has(`${scope.key}${groupId}`);
  }
}
