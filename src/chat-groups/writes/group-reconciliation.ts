import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { digestOf } from '../../util/digest.js';
import { GatewayError } from '../../errors/gateway-error.js';
import type { RequestContext } from '../../request/request-context.js';
import type { Reconciled, SentWrite } from '../../idempotency/idempotency.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { type GroupChanges, expectedAfter, shows, touchedDigest } from '../model/group-changes.js';
import { unknownGroup } from './group-turns.js';
import { type OwnedGroup, Ownership } from '../reads/ownership.js';
import { ParticipantReads } from '../reads/participants.js';
import type { Written } from './upstream-writes.js';
import { nothingToChange, notExecuted, stillUnknown } from './write-errors.js';

export interface UpdatedGroup extends Written {
  readonly row: CamsGroupRow;
  /** Whether the group, read back, shows the change; WhatsApp applies it asynchronously. */
  readonly settled: boolean;
}

export interface LinkedGroup extends Written {
  readonly row: CamsGroupRow;
}

export interface NewLink extends LinkedGroup {
  readonly inviteLink: string;
}

export interface ParticipantRemoval extends Written {
  readonly row: CamsGroupRow;
  readonly removedCount: number;
  readonly notRemoved: readonly string[];
}

export interface Affected {
  readonly affected: number;
}

/** The fields that an update changes, before it: compared, and not kept. */
export interface UpdateFacts {
  readonly touchedBefore: string;
}

/** The link before one was made or deleted: compared, and not kept. */
export interface LinkFacts {
  readonly linkBefore: string;
}

/** The members that were to be removed. */
export interface MemberFacts {
  readonly members: readonly string[];
}

/** What a new list promises by itself; whoever tells it tells the cache first. */
const FOUND: Written = { coherence: 'BOUNDED', upstreamRequestId: undefined };

/** Finds out what became of a write to a group that has no answer, by what CAMS shows now. It sends no write. */
@Injectable()
export class GroupReconciliation {
  constructor(
    private readonly ownership: Ownership,
    private readonly participants: ParticipantReads,
  ) {}

  async update(
    scope: TenantScope,
    groupId: string,
    changes: GroupChanges,
    { facts, result, mayStillApply }: SentWrite<UpdateFacts, Affected>,
    context: RequestContext,
  ): Promise<Reconciled<UpdatedGroup>> {
    if (result?.affected === 0) return failed(nothingToChange());
    const row = await this.ownership.findNow({ scope, groupId }, context);
    const settled = row !== undefined && shows(row, changes);
    if (settled || result) return done({ ...FOUND, row: expectedAfter(groupId, row, changes), settled });
    // Where it shows something else than before, the change may have been made, and replaced by another.
    const untouched = row !== undefined && touchedDigest(row, changes) === facts.touchedBefore;
    return undecided(
      mayStillApply || !untouched,
      'The group does not show the change, and CAMS can no longer make it.',
    );
  }

  async delete(
    scope: TenantScope,
    groupId: string,
    { result, mayStillApply }: SentWrite<unknown, Affected>,
    context: RequestContext,
  ): Promise<Reconciled<Written>> {
    if (result?.affected === 0) return failed(nothingToChange());
    if (result) return done(FOUND);
    const row = await this.ownership.findNow({ scope, groupId }, context);
    if (!row || row.status === 'DELETING') return done(FOUND);
    return undecided(mayStillApply, 'The group is still there, and CAMS can no longer delete it.');
  }

  /** A link that is another one than before shows the write; the same one shows nothing. */
  async newLink(
    scope: TenantScope,
    groupId: string,
    { facts, result }: SentWrite<LinkFacts, { readonly inviteLink: string }>,
    context: RequestContext,
  ): Promise<Reconciled<NewLink>> {
    const row = await this.ownership.findNow({ scope, groupId }, context);
    const changed = row && linkDigest(row) !== facts.linkBefore ? row.inviteLink : undefined;
    const inviteLink = result?.inviteLink ?? changed;
    if (inviteLink === undefined) return { kind: 'unknown', error: stillUnknown() };
    return done({ ...FOUND, inviteLink, row: { ...(row ?? unknownGroup(groupId)), inviteLink } });
  }

  async deletedLink(
    scope: TenantScope,
    groupId: string,
    { facts, result }: SentWrite<LinkFacts, Affected>,
    context: RequestContext,
  ): Promise<Reconciled<LinkedGroup>> {
    if (result?.affected === 0) return failed(nothingToChange());
    const row = await this.ownership.findNow({ scope, groupId }, context);
    if (!result && !(row && linkDigest(row) !== facts.linkBefore))
      return { kind: 'unknown', error: stillUnknown() };
    return done({ ...FOUND, row: row ?? unknownGroup(groupId) });
  }

  async removal(
    owned: OwnedGroup,
    phoneNumbers: readonly string[],
    { facts, result, mayStillApply }: SentWrite<MemberFacts, Affected>,
    context: RequestContext,
  ): Promise<Reconciled<ParticipantRemoval>> {
    if (result?.affected === 0) return failed(nothingToChange());
    const left = await this.participants.of(owned, context);
    const removed = facts.members.filter((number) => !left.has(number));
    // As many as CAMS has said, or all while it may still do it.
    const expected = result?.affected ?? (mayStillApply ? facts.members.length : 0);
    if (removed.length < expected) return { kind: 'unknown', error: stillUnknown() };
    if (removed.length === 0)
      return failed(notExecuted('The members are still there, and CAMS can no longer remove them.'));
    const row = (await this.ownership.findNow(owned, context)) ?? unknownGroup(owned.groupId);
    const notRemoved = phoneNumbers.filter((number) => !removed.includes(number));
    return done({ ...FOUND, row, removedCount: removed.length, notRemoved });
  }
}

/** Names the link of a group, and that it has none. */
export function linkDigest({ inviteLink }: CamsGroupRow): string {
  return digestOf(inviteLink === undefined ? [] : [inviteLink]);
}

function done<Value>(value: Value): Reconciled<Value> {
  return { kind: 'done', value };
}

function failed<Value>(error: GatewayError): Reconciled<Value> {
  return { kind: 'failed', error };
}

function undecided<Value>(mayStillApply: boolean, detail: string): Reconciled<Value> {
  return mayStillApply ? { kind: 'unknown', error: stillUnknown() } : failed(notExecuted(detail));
}
