import { createHmac } from 'node:crypto';
import type { CoherenceLevel } from '../../cache/write-intent.js';
import { CAMS_OPERATIONS, type CamsOperationName, type Fields, type Result } from '../../cams/api.js';
import { asGatewayError } from '../../errors/gateway-error.js';
import type { RequestContext } from '../../request/request-context.js';
import { maskNumber } from '../../util/text.js';
import type { AuditEntry, AuditLog } from '../../telemetry/audit-log.js';
import type { Permission } from '../../tenancy/permissions.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { randomToken } from '../../util/random-token.js';
import type { Sent } from './write.js';

/** CAMS operations that change something. */
export type WriteName = Exclude<CamsOperationName, 'listChatGroups' | 'listParticipants'>;

/** The permission that a caller needs for each write. */
const PERMISSIONS: Readonly<Record<WriteName, Permission>> = {
  addChatGroup: 'groups:write',
  updateChatGroup: 'groups:write',
  deleteChatGroup: 'groups:delete',
  addInviteLink: 'groups:invite',
  deleteInviteLink: 'groups:invite',
  deleteParticipants: 'participants:remove',
};

/** Builds the audit entries of writes. docs/audit.md explains each field. */
export class WriteAudit {
  /** Private, because it keys every digest. */
  readonly #pepper: string;

  constructor(
    private readonly log: AuditLog,
    pepper: string,
  ) {
    this.#pepper = pepper;
  }

  /** Returns the audit of a write that may be sent. */
  begin(scope: TenantScope, name: WriteName, fields: Fields<WriteName>): AuditedWrite {
    const { request } = scope;
    return new AuditedWrite(this.log, {
      write: randomToken(),
      tenant: scope.tenant.id,
      ...whoAsked(request),
      permission: PERMISSIONS[name],
      operation: CAMS_OPERATIONS[name].action,
      account: scope.account.id,
      custSpaceId: scope.custSpaceId,
      businessNumber: maskNumber(scope.businessNumber),
      groupId: 'groupId' in fields ? fields.groupId : undefined,
      members: 'phoneNumbers' in fields ? this.#members(scope, fields.phoneNumbers) : undefined,
      requestId: request.requestId,
      idempotencyKey:
        request.idempotencyKey && this.#digest(scope, 'idempotency-key', request.idempotencyKey),
    });
  }

  #members(scope: TenantScope, phoneNumbers: readonly string[]): readonly AuditEntry[] {
    return phoneNumbers.map((phoneNumber) => ({
      number: maskNumber(phoneNumber),
      digest: this.#digest(scope, 'member', phoneNumber),
    }));
  }

  /** Keyed, so that numbers cannot be guessed without the pepper; digests of different kinds or tenants never match. */
  #digest({ tenant }: TenantScope, kind: string, text: string): string {
    return createHmac('sha256', this.#pepper).update(`${kind}\n${tenant.id}\n${text}`).digest('hex');
  }
}

/** Audit of one write: an `attempt`, and one `outcome` if there was an attempt. */
export class AuditedWrite {
  #attemptedAtMs: number | undefined;

  constructor(
    private readonly log: AuditLog,
    private readonly entry: AuditEntry,
  ) {}

  /** Call right before the write is sent. If this throws (`STATE_UNAVAILABLE`), the write must not be sent. */
  async attempt(): Promise<void> {
    this.#attemptedAtMs = performance.now();
    await this.log.attempt(this.entry);
  }

  async answered({ result, coherence, upstreamRequestId }: Sent<Result<WriteName>>): Promise<void> {
    const affected = 'affected' in result ? result.affected : undefined;
    // CAMS returns OK for a missing target; the audit records NOT_FOUND, which the client also receives.
    const outcome = affected === 0 ? 'NOT_FOUND' : 'SUCCEEDED';
    await this.#outcome({ outcome, affected, coherence, upstreamRequestId });
  }

  async failed(thrown: unknown): Promise<void> {
    const { code, options } = asGatewayError(thrown);
    // Only a write that may have been executed has a coherence.
    const coherence: CoherenceLevel | undefined =
      code === 'OUTCOME_UNKNOWN' || code === 'INTERNAL' ? 'BOUNDED' : undefined;
    await this.#outcome({ outcome: code, coherence, upstreamRequestId: options.upstreamRequestId });
  }

  async #outcome(outcome: AuditEntry): Promise<void> {
    if (this.#attemptedAtMs === undefined) return;
    const durationMs = Math.round((performance.now() - this.#attemptedAtMs) * 10) / 10;
    await this.log.outcome({ ...this.entry, ...outcome, durationMs });
  }
}

/** Work that continues after its request has no caller; its request id is the operation's id. */
function whoAsked({ principal: subject, requestId }: RequestContext): AuditEntry {
  return subject === undefined ? { principal: 'gateway', operationId: requestId } : { principal: subject };
}
