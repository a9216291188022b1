import { CAMS_GROUP_STATUSES, type CamsGroupStatus } from './wire.js';
import { isRecord } from '../util/is-record.js';

/** A response that does not match the CAMS contract. The message names the field, never its value. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/** A page with fewer rows than requested although more exist: CAMS clamps the page size or loses rows. */
export class ShortPage extends Error {
  override readonly name = 'ShortPage';
}

/** A response body, not checked beyond being an object. */
export type CamsBody = Readonly<Record<string, unknown>>;

/** A page of a list. `index` counts from 1. */
export interface PageFields {
  readonly index: number;
  readonly size: number;
}

/**
 * A group as listed by CAMS, in our terms. Fields that CAMS leaves empty are absent.
 * Stored in Redis: in pages and, for a day, in idempotency records. A new field must be optional, and requires raising
 * `FORMAT` in `cache/page-keys.ts`.
 */
export interface CamsGroupRow {
  readonly groupId: string;
  readonly subject?: string | undefined;
  readonly description?: string | undefined;
  readonly status: CamsGroupStatus | 'UNKNOWN';
  /** The status as CAMS wrote it. */
  readonly rawStatus?: string | undefined;
  readonly inviteLink?: string | undefined;
  readonly profilePictureUrl?: string | undefined;
  readonly participantCount?: number | undefined;
}

export interface CamsGroupPage {
  readonly total: number;
  readonly groups: readonly CamsGroupRow[];
}

export interface CamsParticipants {
  readonly total: number;
  readonly phoneNumbers: readonly string[];
}

const MAX_ID_LENGTH = 255;
const MAX_LINK_LENGTH = 2_048;
/** Counts are exposed as GraphQL `Int`. */
const MAX_COUNT = 2_147_483_647;

/** Parses `Data` of `ListChatGroup`. Throws {@link MalformedAnswer} and {@link ShortPage}. */
export function readGroupPage(body: CamsBody, page: PageFields, businessNumber: string): CamsGroupPage {
  const { total, rows } = readList(body, page);
  const groups = new Map<string, CamsGroupRow>();
  for (const row of rows) {
    mustBelongTo(row, businessNumber);
    const group = readGroup(row);
    if (!groups.has(group.groupId)) groups.set(group.groupId, group);
  }
  return { total, groups: [...groups.values()] };
}

/** Parses `Data` of `ListChatGroupParticipants`. Throws {@link MalformedAnswer} and {@link ShortPage}. */
export function readParticipants(body: CamsBody, page: PageFields): CamsParticipants {
  const { total, rows } = readList(body, page);
  const phoneNumbers = new Set(rows.map((row) => readId(row['ParticipantNumber'], 'ParticipantNumber')));
  return { total, phoneNumbers: [...phoneNumbers] };
}

/** Parses `Result` of an update or delete: the number of affected rows. */
export function readAffected(body: CamsBody): { readonly affected: number } {
  return { affected: readCount(body['Result'], 'Result') };
}

export function readInviteLink(body: CamsBody): { readonly inviteLink: string } {
  const inviteLink = readUrl(body['InviteLink'], ['https:']);
  if (inviteLink === undefined) throw new MalformedAnswer('InviteLink is not an https URL');
  return { inviteLink };
}

export function readUniqueCode(body: CamsBody): { readonly uniqueCode?: string | undefined } {
  return { uniqueCode: readText(body['UniqueCode'], 'UniqueCode') };
}

/** The list of a number proves which tenant a group belongs to: a row of another number must never pass. */
function mustBelongTo(row: CamsBody, businessNumber: string): void {
  const number = readText(row['BusinessNumber'], 'BusinessNumber')?.replace(/\D/g, '');
  if (number !== undefined && number !== '' && number !== businessNumber) {
    throw new MalformedAnswer('Data.List contains a group of another number');
  }
}

function readGroup(row: CamsBody): CamsGroupRow {
  const rawStatus = readText(row['GroupStatus'], 'GroupStatus');
  const { Subject: subject, TotalParticipantCount: count } = row;
  return {
    groupId: readId(row['GroupId'], 'GroupId'),
    // Every group has a subject, and it may well be "None".
    subject: subject === 'None' ? subject : readText(subject, 'Subject'),
    description: readText(row['Description'], 'Description'),
    status: CAMS_GROUP_STATUSES.find((status) => status === rawStatus) ?? 'UNKNOWN',
    rawStatus,
    inviteLink: readUrl(row['InviteLink'], ['https:']),
    profilePictureUrl: readUrl(row['ProfilePictureFile'], ['https:', 'http:']),
    participantCount: isCount(count) ? count : undefined,
  };
}

function readList(body: CamsBody, { index, size }: PageFields): { total: number; rows: readonly CamsBody[] } {
  const data = body['Data'];
  if (!isRecord(data)) throw new MalformedAnswer('Data is not an object');
  const total = readCount(data['Total'], 'Data.Total');
  const expected = Math.min(size, Math.max(0, total - (index - 1) * size));
  const list = data['List'] ?? (expected === 0 ? [] : undefined);
  if (!Array.isArray(list)) throw new MalformedAnswer('Data.List is not an array');
  if (!list.every(isRecord)) throw new MalformedAnswer('Data.List contains an item that is not an object');
  if (list.length > size) throw new MalformedAnswer('Data.List is longer than the requested page');
  if (list.length < expected) throw new ShortPage('Data.List has fewer rows than the page should have');
  return { total, rows: list };
}

/** Parses a string. `"None"`, an empty string and null mean that there is none. */
function readText(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null || value === '' || value === 'None') return undefined;
  if (typeof value !== 'string') throw new MalformedAnswer(`${field} is not a string`);
  return value;
}

function readId(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_ID_LENGTH || !value.isWellFormed()) {
    throw new MalformedAnswer(`${field} is missing or not an ID`);
  }
  return value;
}

/** Returns a URL unchanged; `undefined` for any other value, including `javascript:` URLs. */
function readUrl(value: unknown, protocols: readonly string[]): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_LINK_LENGTH) return undefined;
  const url = URL.parse(value);
  return url !== null && protocols.includes(url.protocol) && !/\s/.test(value) ? value : undefined;
}

function readCount(value: unknown, field: string): number {
  if (!isCount(value)) throw new MalformedAnswer(`${field} is not a count`);
  return value;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT;
}
