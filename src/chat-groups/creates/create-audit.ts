import { Injectable } from '@nestjs/common';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { type OutcomeHolder, type OutcomeLine, WriteAudit } from '../writes/write-audit.js';

/**
 * Makes the audit name the group of each create, which CAMS does not return. The `outcome` waits for as long as the request
 * looks for the group. A group that is found later, by any process, gets a line of its own, at least once. These lines share
 * the id of the operation, the only thing that all of these processes know.
 */
@Injectable()
export class CreateAudit {
  /** Outcomes of creates whose requests run in this process, by operation. */
  readonly #held = new Map<string, HeldOutcome>();

  constructor(private readonly audit: WriteAudit) {}

  /** Returns what holds the outcome of a create request back. Call {@link release} when the request ends. */
  open(operationId: string): OutcomeHolder {
    const held = new HeldOutcome(operationId);
    this.#held.set(operationId, held);
    return held;
  }

  /** Call it before the operation names the group that it has claimed, each time that this is tried. */
  async found(scope: TenantScope, operationId: string, groupId: string): Promise<void> {
    const held = this.#held.get(operationId);
    if (held?.named === groupId) return;
    const line = held?.take(groupId);
    await (line ? line(groupId) : this.audit.found(scope, operationId, groupId));
  }

  /**
   * Writes the outcome, if there is one that was not written yet. `groupId` is the group that the response names: another
   * process may have found it.
   */
  async release(operationId: string, groupId: string | undefined): Promise<void> {
    const line = this.#held.get(operationId)?.take(groupId);
    this.#held.delete(operationId);
    await line?.(groupId);
  }
}

class HeldOutcome implements OutcomeHolder {
  #line: OutcomeLine | undefined;
  /** The group that the outcome or a line of this process names. */
  named: string | undefined;

  constructor(readonly write: string) {}

  hold(line: OutcomeLine): void {
    this.#line = line;
  }

  /** Returns the outcome unless it was taken before, to be written with this group. */
  take(groupId: string | undefined): OutcomeLine | undefined {
    this.named = groupId;
    const line = this.#line;
    this.#line = undefined;
    return line;
  }
}
