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

/** The operations of CAMS that change something. */
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

/** What the audit says of writes; docs/audit.md explains each field. */
export class WriteAudit {
  /** Private: what it holds keys every digest. */
  readonly #pepper: string;

  constructor(
    private readonly log: AuditLog,
    pepper: string,
  ) {
    this.#pepper = pepper;
  }

  /** The audit of one write that may be about to be sent. */
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

  /** Keyed, so that nobody without the pepper can try all numbers; of its kind and tenant, so that no two meet. */
  #digest({ tenant }: TenantScope, kind: string, text: string): string {
    return createHmac('sha256', this.#pepper).update(`${kind}\n${tenant.id}\n${text}`).digest('hex');
  }
}

/** One write: an `attempt`, and one `outcome` if there was an attempt. */
export class AuditedWrite {
  #attemptedAtMs: number | undefined;

  constructor(
    private readonly log: AuditLog,
    private readonly entry: AuditEntry,
  ) {}

  /** To be called right before the write is sent, which it must not be if this throws (`STATE_UNAVAILABLE`). */
  async attempt(): Promise<void> {
    this.#attemptedAtMs = performance.now();
    await this.log.attempt(this.entry);
  }

  async answered({ result, coherence, upstreamRequestId }: Sent<Result<WriteName>>): Promise<void> {
    const affected = 'affected' in result ? result.affected : undefined;
    // CAMS says OK of what is not there; whoever asked is told the truth, and so is the audit.
    const outcome = affected === 0 ? 'NOT_FOUND' : 'SUCCEEDED';
    await this.#outcome({ outcome, affected, coherence, upstreamRequestId });
  }

  async failed(thrown: unknown): Promise<void> {
    const { code, options } = asGatewayError(thrown);
    // Only what may have been executed has a word on what later reads show.
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

/** Work that goes on after its request has no caller; the request's id is then that of the operation. */
function whoAsked({ principal: subject, requestId }: RequestContext): AuditEntry {
  return subject === undefined ? { principal: 'gateway', operationId: requestId } : { principal: subject };
}
