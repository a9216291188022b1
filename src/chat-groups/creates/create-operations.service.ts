import { Injectable } from '@nestjs/common';
import { notFound } from '../../errors/gateway-error.js';
import type { Caller } from '../../tenancy/caller.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { type ChatGroup, toChatGroup } from '../model/chat-group.js';
import { Ownership } from '../reads/ownership.js';
import { type CreateOperation, madeGroup } from './create-operation.js';
import { CreateOperationStore } from './create-operation-store.js';

/** A create operation, and its group as the caller may see it. */
export interface ShownOperation {
  readonly operation: CreateOperation;
  readonly chatGroup: ChatGroup | null;
}

/** Reads of create operations. */
@Injectable()
export class CreateOperationsService {
  constructor(
    private readonly operations: CreateOperationStore,
    private readonly ownership: Ownership,
  ) {}

  /** Returns a create operation of the caller's tenant, with its group once it is found. Throws `NOT_FOUND`. */
  async get(caller: Caller, id: string): Promise<ShownOperation> {
    const { operation, scope } = await this.own(caller, id);
    return this.shown(scope, operation);
  }

  /** Returns a create operation of the caller's tenant and its scope. Throws `NOT_FOUND`, `FORBIDDEN`. */
  async own(caller: Caller, id: string): Promise<{ operation: CreateOperation; scope: TenantScope }> {
    const operation = await this.operations.find(id);
    if (!operation || operation.tenantId !== caller.principal.tenant.id) throw notFound();
    return { operation, scope: caller.authorize(operation) };
  }

  /** Returns an operation with its group, as long as that exists. */
  async shown(scope: TenantScope, operation: CreateOperation): Promise<ShownOperation> {
    const made = madeGroup(operation);
    if (!made) return { operation, chatGroup: null };
    const row = await this.ownership.findOrUndefined(scope, made.groupId);
    return { operation, chatGroup: row ? toChatGroup(scope, row) : null };
  }
}
