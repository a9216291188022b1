import { Injectable } from '@nestjs/common';
import { notFound } from '../../errors/gateway-error.js';
import type { Caller } from '../../tenancy/caller.js';
import { type ChatGroup, toChatGroup } from '../model/chat-group.js';
import { Ownership } from '../reads/ownership.js';
import { type CreateOperation, CreateOperationStore, madeGroup } from './create-operation-store.js';

/** Reads of create operations. */
@Injectable()
export class CreateOperationsService {
  constructor(
    private readonly operations: CreateOperationStore,
    private readonly ownership: Ownership,
  ) {}

  /** Returns a create operation of the caller's tenant, with its group once it is found. Throws `NOT_FOUND`. */
  async get(
    caller: Caller,
    id: string,
  ): Promise<{ operation: CreateOperation; chatGroup: ChatGroup | null }> {
    const operation = await this.operations.find(id);
    if (!operation || operation.tenantId !== caller.principal.tenant.id) throw notFound();
    const scope = caller.authorize(operation);
    const made = madeGroup(operation);
    if (!made) return { operation, chatGroup: null };
    const row = await this.ownership.findOrUndefined(scope, made.groupId);
    return { operation, chatGroup: row ? toChatGroup(scope, row) : null };
  }
}
