import type { CoherenceLevel } from '../../cache/write-intent.js';
import { CAMS_OPERATIONS, type CamsOperationName, type Fields, type Result } from '../../cams/api.js';
import { cleanRequestId } from '../../cams/clean-message.js';
import { asGatewayError } from '../../errors/gateway-error.js';
import type { RequestContext } from '../../request/request-context.js';
import { memberKey } from '../../util/phone-number.js';
import { keyedDigest } from '../../util/keyed-digest.js';
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

  /** Returns the audit of a write that may be sent. With a holder, the outcome is left to it. */
  begin(
    scope: TenantScope,
    name: WriteName,
    fields: Fields<WriteName>,
    holder?: OutcomeHolder,
  ): AuditedWrite {
    const entry = this.#entry(scope, name, fields, holder?.write ?? randomToken());
    return new AuditedWrite(this.log, entry, holder);
  }

  /** Names the group of a create request whose `outcome` is already written. */
  async found(scope: TenantScope, write: string, groupId: string): Promise<void> {
    const entry = this.#entry(scope, 'addChatGroup', {}, write);
    await this.log.found({ ...entry, groupId: withoutOwner(groupId) });
  }

  #entry(
    scope: TenantScope,
    name: WriteName,
    fields: Fields<WriteName> | Record<string, never>,
    write: string,
  ): AuditEntry {
    const { request } = scope;
    return {
      write,
      tenant: scope.tenant.id,
      ...whoAsked(request),
      permission: PERMISSIONS[name],
      operation: CAMS_OPERATIONS[name].action,
      account: scope.account.id,
      custSpaceId: scope.custSpaceId,
      businessNumber: maskNumber(scope.businessNumber),
      groupId: 'groupId' in fields ? withoutOwner(fields.groupId) : undefined,
      members: 'participantIds' in fields ? this.#members(scope, fields.participantIds) : undefined,
      requestId: request.requestId,
      callerRequestId: request.callerRequestId,
      idempotencyKey:
        request.idempotencyKey && this.#digest(scope, 'idempotency-key', request.idempotencyKey),
    };
  }

  #members(scope: TenantScope, ids: readonly string[]): readonly AuditEntry[] {
    return ids.map(memberKey).map((key) => ({
      number: maskNumber(key),
      digest: this.#digest(scope, 'member', key),
    }));
  }

  #digest({ tenant }: TenantScope, kind: string, text: string): string {
    return keyedDigest(this.#pepper, kind, tenant.id, text);
  }
}

/** Writes an outcome, with the group that was found. */
export type OutcomeLine = (groupId?: string) => Promise<void>;

/** Holds the outcome of a create request back until its group is found. */
export interface OutcomeHolder {
  /** Identifies the lines of the write. */
  readonly write: string;
  hold(line: OutcomeLine): void;
}

/** Audit of one write: an `attempt`, and one `outcome` if there was an attempt. */
export class AuditedWrite {
  #attemptedAtMs: number | undefined;

  constructor(
    private readonly log: AuditLog,
    private readonly entry: AuditEntry,
    private readonly holder?: OutcomeHolder,
  ) {}

  /** Call right before the write is sent. If this throws (`STATE_UNAVAILABLE`), the write must not be sent. */
  async attempt(): Promise<void> {
    this.#attemptedAtMs = performance.now();
    await this.log.attempt(this.entry);
  }

  async answered({ result, coherence, upstreamRequestId }: Sent<Result<WriteName>>): Promise<void> {
    const affected = 'affected' in result && !result.inPart ? result.affected : undefined;
    const inPart = 'affected' in result && result.inPart !== undefined ? true : undefined;
    // Its form is not documented: it is logged only if it contains no number or link.
    const uniqueCode = 'uniqueCode' in result ? cleanRequestId(result.uniqueCode) : undefined;
    // CAMS returns OK for a missing target; the audit records NOT_FOUND, which the client also receives.
    const outcome = affected === 0 ? 'NOT_FOUND' : 'SUCCEEDED';
    await this.#outcome({ outcome, affected, inPart, uniqueCode, coherence, upstreamRequestId });
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
    const line: OutcomeLine = (groupId) =>
      this.log.outcome({
        ...this.entry,
        ...(groupId !== undefined && { groupId: withoutOwner(groupId) }),
        ...outcome,
        durationMs,
      });
    if (this.holder) this.holder.hold(line);
    else await line();
  }
}

/** Work that continues after its request has no caller; its request id is the operation's id. */
function whoAsked({ principal: subject, requestId }: RequestContext): AuditEntry {
  return subject === undefined ? { principal: 'gateway', operationId: requestId } : { principal: subject };
}

/** Masks the phone number at the start of a group ID of WhatsApp's older form, `<number>-<time>`. */
function withoutOwner(groupId: string): string {
  return groupId.replace(/^\d{5,20}(?=-\d)/, maskNumber);
}
