import { CAMS_GROUP_STATUSES, type CamsGroupStatus } from './wire.js';
import { isRecord } from '../util/is-record.js';
import { mayBeNumber } from '../util/phone-number.js';
import { codePoints, isCleanText, isUpstreamId, MAX_UPSTREAM_ID } from '../util/text.js';

/** A response that does not match the CAMS contract. The message names the field, never its value. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/** A page with fewer rows than requested although more exist: CAMS clamps the page size or loses rows. */
export class ShortPage extends Error {
  override readonly name = 'ShortPage';

  /**
   * `maxSize`: the page size to which CAMS may have limited the request, or 0 if that is not known. `undefined` if a limit
   * cannot be the reason: only the first page shows one.
   */
  constructor(readonly maxSize: number | undefined) {
    super('Data.List has fewer rows than the page should have');
  }
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
  readonly groupType?: string | undefined;
  readonly groupLink?: string | undefined;
  readonly businessRole?: string | undefined;
}

export interface CamsGroupPage {
  /** Number of groups in the whole list; never fewer than the page shows. */
  readonly total: number;
  /** In the order of CAMS, as cursors need it. CAMS may list a group twice: the first row counts. */
  readonly groups: readonly CamsGroupRow[];
}

/** A page of members. The IDs are cached: a change of their form requires raising `FORMAT` in `cache/page-keys.ts`. */
export interface CamsParticipants {
  /** IDs of members as CAMS lists them: phone numbers with or without `+`, user IDs, or any other text. */
  readonly ids: readonly string[];
  /** Number of rows, of which {@link unusable} have no ID. */
  readonly rows: number;
  readonly unusable: number;
}

/** Number of rows that a write changed. */
export interface CamsAffected {
  readonly affected: number;
  /** The code by which CAMS said that WhatsApp executed a part of the write. `affected` is then 1, not a count. */
  readonly inPart?: string;
}

/** A new invite link. */
export type CamsLink =
  | { readonly inviteLink: string; readonly inPart?: undefined }
  /** Only {@link CamsAffected.inPart} is known: CAMS sent no link. */
  | { readonly inviteLink?: undefined; readonly inPart: string };

const MAX_LINK_LENGTH = 2_048;
/** Counts are exposed as GraphQL `Int`. */
const MAX_COUNT = 2_147_483_647;

/** Parses `Data` of `ListChatGroup`. Throws {@link MalformedAnswer} and {@link ShortPage}. */
export function readGroupPage(body: CamsBody, page: PageFields, businessNumber: string): CamsGroupPage {
  const { index, size } = page;
  const data = readData(body);
  const listed = readCount(data['Total'], 'Data.Total');
  const before = (index - 1) * size;
  const expected = Math.min(size, Math.max(0, listed - before));
  const rows = readRows(data, expected === 0);
  if (!rows.every(isRecord)) throw new MalformedAnswer('Data.List contains an item that is not an object');
  if (rows.length > size) throw new MalformedAnswer('Data.List is longer than the requested page');
  if (rows.length < expected) throw new ShortPage(index === 1 && size > 1 ? rows.length : undefined);
  const groups = rows.map((row) => {
    mustBelongTo(row, businessNumber);
    return readGroup(row);
  });
  const total = rows.length === 0 ? listed : Math.max(listed, before + rows.length);
  return { total, groups };
}

/**
 * Parses `Data` of `ListChatGroupParticipants`. Rows without a usable ID are dropped. `Total` only decides
 * whether a missing list can be an empty one: it may differ from the rows, because it leaves out the business itself. Throws {@link MalformedAnswer}.
 */
export function readParticipants(body: CamsBody): CamsParticipants {
  const data = readData(body);
  const total = data['Total'];
  const rows = readRows(data, typeof total === 'number' && total <= 1);
  const ids = rows.map(readMemberId).filter((id) => id !== undefined);
  return { ids, rows: rows.length, unusable: rows.length - ids.length };
}

/** Parses `Result` of an update or delete: the number of affected rows. */
export function readAffected(body: CamsBody): CamsAffected {
  return { affected: readCount(body['Result'], 'Result') };
}

export function readInviteLink(body: CamsBody): CamsLink {
  const inviteLink = readUrl(body['InviteLink'], ['https:']);
  if (inviteLink === undefined) throw new MalformedAnswer('InviteLink is not an https URL');
  return { inviteLink };
}

/** A code of another type is ignored: the group was created nevertheless. */
export function readUniqueCode(body: CamsBody): { readonly uniqueCode?: string | undefined } {
  return { uniqueCode: readLabel(body['UniqueCode']) };
}

/** The list of a number proves which tenant a group belongs to: a row of another number must never pass. */
function mustBelongTo(row: CamsBody, businessNumber: string): void {
  const number = readText(row['BusinessNumber'], 'BusinessNumber');
  if (number !== undefined && /[\p{N}*]/u.test(number) && !mayBeNumber(number, businessNumber)) {
    throw new MalformedAnswer('Data.List contains a group of another number');
  }
}

function readGroup(row: CamsBody): CamsGroupRow {
  const rawStatus = readText(row['GroupStatus'], 'GroupStatus');
  const { Subject: subject, TotalParticipantCount: count } = row;
  return {
    groupId: readGroupId(row['GroupId']),
    // Every group has a subject, and it may well be "None".
    subject: subject === 'None' ? subject : readText(subject, 'Subject'),
    description: readText(row['Description'], 'Description'),
    status: CAMS_GROUP_STATUSES.find((status) => status === rawStatus) ?? 'UNKNOWN',
    rawStatus,
    inviteLink: readUrl(row['InviteLink'], ['https:']),
    profilePictureUrl: readUrl(row['ProfilePictureFile'], ['https:', 'http:']),
    participantCount: isCount(count) ? count : undefined,
    groupType: readLabel(row['GroupType']),
    groupLink: readLink(row['GroupLink']),
    businessRole: readLabel(row['BusinessRole']),
  };
}

function readData(body: CamsBody): CamsBody {
  const data = body['Data'];
  if (!isRecord(data)) throw new MalformedAnswer('Data is not an object');
  return data;
}

function readRows(data: CamsBody, mayBeAbsent: boolean): readonly unknown[] {
  const list = data['List'] ?? (mayBeAbsent ? [] : undefined);
  if (!Array.isArray(list)) throw new MalformedAnswer('Data.List is not an array');
  return list as readonly unknown[];
}

/** Parses a string. `"None"`, an empty string and null mean that there is none. */
function readText(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null || value === '' || value === 'None') return undefined;
  if (typeof value !== 'string') throw new MalformedAnswer(`${field} is not a string`);
  return value;
}

function readGroupId(value: unknown): string {
  if (typeof value === 'string' && value !== 'None' && isUpstreamId(value)) return value;
  throw new MalformedAnswer('GroupId is missing or not an ID');
}

function readMemberId(row: unknown): string | undefined {
  return isRecord(row) ? readLabel(row['ParticipantNumber']) : undefined;
}

/** Returns a short text, trimmed; `undefined` for any other value, which must never make a list fail. */
function readLabel(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '' || text === 'None') return undefined;
  return codePoints(text) <= MAX_UPSTREAM_ID && isCleanText(text) ? text : undefined;
}

/** Returns a link, with or without a scheme; `undefined` for any other value, including `javascript:` URLs. */
function readLink(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === 'None' || !/^\S+$/.test(value)) return undefined;
  if (/^[a-z][a-z\d+.-]*:/i.test(value)) return readUrl(value, ['https:', 'tg:']);
  return value.length <= MAX_LINK_LENGTH && isCleanText(value) ? value : undefined;
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
