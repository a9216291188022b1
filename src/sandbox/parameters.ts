import type { CamsAction, CamsPage } from '../cams/wire.js';
import { GROUP_STATUSES } from './group.js';
import { isPhoneNumber, normalNumber } from './numbers.js';
import { invalid, missing } from './refusal.js';
import type { SandboxLimits } from './settings.js';
import { isRecord } from '../util/is-record.js';
import { parseJson } from '../util/parse-json.js';

export type Parameters = ReadonlyMap<string, string>;

const DEFAULT_PAGE: CamsPage = { Index: 1, Size: 20 };
const MAX_MEMBER_ID_LENGTH = 255;
const SCOPE = ['BusinessNumber', 'CustSpaceId'];

const REQUIRED: Readonly<Record<CamsAction, readonly string[]>> = {
  AddChatGroup: [...SCOPE, 'Subject'],
  UpdateChatGroup: [...SCOPE, 'GroupId'],
  DeleteChatGroup: [...SCOPE, 'GroupId'],
  AddChatGroupInviteLink: [...SCOPE, 'GroupId'],
  DeleteChatGroupInviteLink: [...SCOPE, 'GroupId'],
  ListChatGroup: [...SCOPE, 'Page'],
  ListChatGroupParticipants: [...SCOPE, 'GroupId'],
  // The vendor's page does not mark List as required: without it, the product itself refuses the call.
  DeleteChatGroupParticipants: [...SCOPE, 'GroupId'],
};

/**
 * Throws unless the operation's required parameters are present. The vendor's gateway checks this before the product
 * sees the call, so a missing parameter wins over an invalid one. An empty value counts as absent.
 */
export function checkRequired(action: CamsAction, parameters: Parameters): void {
  const absent = REQUIRED[action].find((name) => !parameters.get(name));
  if (absent !== undefined) throw missing(absent);
}

/** Returns the value of a parameter that {@link checkRequired} found. */
export function text(parameters: Parameters, name: string): string {
  return parameters.get(name) ?? '';
}

/** Validates the parameters common to all operations and returns the scope, with the number in its normal form. */
export function readScope(parameters: Parameters): { custSpaceId: string; businessNumber: string } {
  const businessNumber = text(parameters, 'BusinessNumber');
  const channelType = text(parameters, 'ChannelType');
  if (channelType !== '' && channelType !== 'WHATSAPP') {
    throw invalid('ChannelTypeNotSupport', `Channel type ${channelType} is not supported.`);
  }
  if (!isPhoneNumber(businessNumber)) {
    throw invalid('PhoneNumberError', `Phone number ${businessNumber} is not valid.`);
  }
  return { custSpaceId: text(parameters, 'CustSpaceId'), businessNumber: normalNumber(businessNumber) };
}

/** Reads `Page`, a parameter that holds JSON: `{"Index":1,"Size":20}`. If it is absent, returns the first page. */
export function readPage(parameters: Parameters, limits: SandboxLimits): CamsPage {
  const json = parameters.get('Page');
  if (!json) return DEFAULT_PAGE;
  const page = parseJson(json);
  const { Index: index, Size: size } = isRecord(page) ? page : {};
  if (!isPositiveInteger(index) || !isPositiveInteger(size) || size > limits.pageSize) {
    throw invalid(
      'PageInvalid',
      `Page must be JSON with Index and Size from 1, Size up to ${limits.pageSize}.`,
    );
  }
  return { Index: index, Size: size };
}

/** Reads `List`, a parameter that holds JSON: `[{"ParticipantNumber":"8613…"}]`. A member's id may be any text. */
export function readParticipants(parameters: Parameters, limits: SandboxLimits): string[] {
  const list = parseJson(text(parameters, 'List'));
  if (!Array.isArray(list) || list.length === 0 || list.length > limits.membersPerGroup) {
    throw invalid('ListInvalid', `List must be JSON with 1 to ${limits.membersPerGroup} participants.`);
  }
  return list.map((item: unknown) => {
    const id = isRecord(item) ? item['ParticipantNumber'] : undefined;
    if (typeof id === 'string' && id !== '' && Array.from(id).length <= MAX_MEMBER_ID_LENGTH) return id;
    throw invalid(
      'PhoneNumberError',
      `ParticipantNumber must be text of 1 to ${MAX_MEMBER_ID_LENGTH} characters.`,
    );
  });
}

/** Returns the trimmed subject. Throws if it is empty or too long. */
export function checkSubject(value: string, limits: SandboxLimits): string {
  const subject = value.trim();
  const length = Array.from(subject).length;
  if (length >= 1 && length <= limits.subjectLength) return subject;
  throw invalid('SubjectInvalid', `Subject must have 1 to ${limits.subjectLength} characters.`);
}

/** Returns the trimmed description. Throws if it is too long. */
export function checkDescription(value: string, limits: SandboxLimits): string {
  const description = value.trim();
  if (Array.from(description).length <= limits.descriptionLength) return description;
  throw invalid(
    'DescriptionInvalid',
    `Description must have at most ${limits.descriptionLength} characters.`,
  );
}

/** Returns the URL of a picture without checking that it exists. */
export function checkPicture(value: string): string {
  const url = URL.parse(value);
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return value;
  throw invalid('ProfilePictureFileInvalid', 'ProfilePictureFile must be a URL.');
}

/** Returns the status to filter by, if any. */
export function readStatus(parameters: Parameters): string | undefined {
  const status = text(parameters, 'GroupStatus') || undefined;
  if (status === undefined || GROUP_STATUSES.some((known) => known === status)) return status;
  throw invalid('GroupStatusInvalid', `Group status ${status} does not exist.`);
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}
