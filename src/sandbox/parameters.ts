import type { CamsPage } from '../cams/wire.js';
import { GROUP_STATUSES } from './group.js';
import { invalid, missing } from './refusal.js';
import type { SandboxLimits } from './settings.js';
import { isRecord } from '../util/is-record.js';
import { parseJson } from '../util/parse-json.js';

export type Parameters = ReadonlyMap<string, string>;

const PHONE_NUMBER = /^\d{5,20}$/;
const DEFAULT_PAGE: CamsPage = { Index: 1, Size: 20 };

/** Returns the value of a required parameter. As in the upstream, an empty value counts as absent. */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined || value === '') throw missing(name);
  return value;
}

/** Validates the parameters common to all operations and returns the scope. */
export function readScope(parameters: Parameters): { custSpaceId: string; businessNumber: string } {
  const businessNumber = required(parameters, 'BusinessNumber');
  const custSpaceId = required(parameters, 'CustSpaceId');
  const channelType = parameters.get('ChannelType');
  if (channelType !== undefined && channelType !== 'WHATSAPP') {
    throw invalid('ChannelTypeNotSupport', `Channel type ${channelType} is not supported.`);
  }
  if (!isPhoneNumber(businessNumber)) {
    throw invalid('PhoneNumberError', `Phone number ${businessNumber} is not valid.`);
  }
  return { custSpaceId, businessNumber };
}

/** Reads `Page`, a parameter that holds JSON: `{"Index":1,"Size":20}`. */
export function readPage(parameters: Parameters, limits: SandboxLimits, optional: boolean): CamsPage {
  const text = parameters.get('Page');
  if (text === undefined && optional) return DEFAULT_PAGE;
  const page = parseJson(text ?? '');
  const { Index: index, Size: size } = isRecord(page) ? page : {};
  if (!isPositiveInteger(index) || !isPositiveInteger(size) || size > limits.pageSize) {
    throw invalid(
      'PageInvalid',
      `Page must be JSON with Index and Size from 1, Size up to ${limits.pageSize}.`,
    );
  }
  return { Index: index, Size: size };
}

/** Reads `List`, a parameter that holds JSON: `[{"ParticipantNumber":"8613…"}]`. */
export function readParticipants(parameters: Parameters, limits: SandboxLimits): string[] {
  const list = parseJson(parameters.get('List') ?? '');
  if (!Array.isArray(list) || list.length === 0 || list.length > limits.membersPerGroup) {
    throw invalid('ListInvalid', `List must be JSON with 1 to ${limits.membersPerGroup} participants.`);
  }
  return list.map((item: unknown) => {
    const number = isRecord(item) ? item['ParticipantNumber'] : undefined;
    if (typeof number === 'string' && isPhoneNumber(number)) return number;
    throw invalid('PhoneNumberError', 'ParticipantNumber is not a phone number.');
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
  const status = parameters.get('GroupStatus');
  if (status === undefined || GROUP_STATUSES.some((known) => known === status)) return status;
  throw invalid('GroupStatusInvalid', `Group status ${status} does not exist.`);
}

/** Whether the text is 5 to 20 digits, the format that the gateway accepts. */
export function isPhoneNumber(text: string): boolean {
  return PHONE_NUMBER.test(text);
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}
