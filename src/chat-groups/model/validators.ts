import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ValidateBy, ValidateIf, type ValidationArguments } from 'class-validator';
import { ApiConstrained, type ApiConstraints } from '../../openapi/api-field.js';
import { isIdempotencyKey } from '../../request/idempotency-key.js';
import { MAX_WRITTEN_NUMBER, phoneDigits } from '../../util/phone-number.js';
import { codePoints, isCleanText, isUpstreamId, MAX_UPSTREAM_ID } from '../../util/text.js';
import { decodeChatGroupId } from './chat-group-id.js';
import { MAX_PICTURE_URL, parsePictureUrl, pictureFormFault } from './picture-url.js';
import { isListOfTags } from '../../util/entity-tag.js';

/** Limits set by Meta, behind CAMS. */
export const MAX_SUBJECT = 128;
export const MAX_DESCRIPTION = 2048;
export const MAX_MEMBERS = 8;
/** CAMS returns this text for an empty description, so it could never be read back as a description. */
const NOTHING = 'None';
const MAX_ENTITY_TAGS = 2_048;
const MAX_SPACE_ID = 128;
/** Holds the longest space, number and group ID, in base64. */
const MAX_OPAQUE_ID = 2_100;

export const A_PHONE_NUMBER = 'must be a phone number of 5–20 digits, in any usual spelling';

export type Check = (value: unknown) => boolean;

/** Declares a rule, and as much of it as JSON schema can express. */
function rule(
  name: string,
  message: string | ((value: unknown) => string),
  check: Check,
  schema: ApiConstraints = {},
): PropertyDecorator {
  const defaultMessage = (args?: ValidationArguments): string =>
    typeof message === 'string' ? message : message(args?.value);
  return applyDecorators(
    ValidateBy({ name, validator: { validate: check, defaultMessage } }),
    ApiConstrained(schema),
  );
}

const CONTROL = String.raw`\u0000-\u001f\u007f-\u009f\u2028\u2029`;
const CONTROL_EXCEPT_NEWLINE = CONTROL.replace(String.raw`\u001f`, String.raw`\u0009\u000b-\u001f`);
/** Pattern of a text without control characters. */
export const NO_CONTROL = `^[^${CONTROL}]+$`;
const NO_SPACES = String.raw`^[^\s${CONTROL}]+$`;

/** Returns the pattern of a text that is not blank. Control characters at its ends are removed with the white space. */
function trimmedText(excluded: string): string {
  return String.raw`^\s*[^\s${excluded}]([^${excluded}]*[^\s${excluded}])?\s*$`;
}

const trimmed = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' ? value.trim() : value,
);

/** Checks the length of a text in code points, and that it is clean. */
export const isText =
  (maxLength: number, newlines = false): Check =>
  (value) =>
    typeof value === 'string' &&
    value !== '' &&
    isCleanText(value, { newlines }) &&
    codePoints(value) <= maxLength;

/**
 * Optional, but rejects `null` and empty text, because CAMS does not document how to clear the field. Put it below the other
 * rules: they run from the bottom up, and only the first failure is reported.
 */
export function IsOptionalButNotNull(): PropertyDecorator {
  return applyDecorators(
    ValidateIf((_, value) => value !== undefined),
    rule('isNotCleared', 'must not be null or empty: leave the field out instead', (value) =>
      typeof value === 'string' ? value.trim() !== '' : value !== null,
    ),
  );
}

export function IsSubject(): PropertyDecorator {
  const message = `must be 1–${MAX_SUBJECT} characters, without control characters`;
  const schema = { minLength: 1, maxLength: MAX_SUBJECT, pattern: trimmedText(CONTROL) };
  return applyDecorators(trimmed, rule('isSubject', message, isText(MAX_SUBJECT), schema));
}

export function IsDescription(): PropertyDecorator {
  const message = `must be 1–${MAX_DESCRIPTION} characters, not "${NOTHING}", without control characters other than line feeds`;
  const isAllowed: Check = (value) => isText(MAX_DESCRIPTION, true)(value) && value !== NOTHING;
  const schema = { minLength: 1, maxLength: MAX_DESCRIPTION, pattern: trimmedText(CONTROL_EXCEPT_NEWLINE) };
  return applyDecorators(trimmed, rule('isDescription', message, isAllowed, schema));
}

/** Without a pattern: people write numbers in too many ways. */
export const WRITTEN_NUMBER: ApiConstraints = { minLength: 5, maxLength: MAX_WRITTEN_NUMBER };

/** Requires a phone number in any usual spelling, and replaces it by its digits. */
export function IsPhoneNumber(): PropertyDecorator {
  const toDigits = Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? (phoneDigits(value) ?? value) : value,
  );
  return applyDecorators(toDigits, rule('isPhoneNumber', A_PHONE_NUMBER, isPhoneNumber, WRITTEN_NUMBER));
}

export function IsSpaceId(): PropertyDecorator {
  return rule(
    'isSpaceId',
    `must be 1–${MAX_SPACE_ID} characters, without spaces or control characters`,
    isSpaceId,
    { minLength: 1, maxLength: MAX_SPACE_ID, pattern: NO_SPACES },
  );
}

export function IsGroupId(): PropertyDecorator {
  const message = `must be 1–${MAX_UPSTREAM_ID} characters, without spaces or control characters`;
  const schema = { minLength: 1, maxLength: MAX_UPSTREAM_ID, pattern: NO_SPACES };
  return rule('isGroupId', message, isGroupId, schema);
}

/** Requires the opaque id of a group. */
export function IsChatGroupId(): PropertyDecorator {
  return rule('isChatGroupId', 'must be the opaque `id` of a group, not its `groupId`', (value) => {
    const location =
      typeof value === 'string' && value.length <= MAX_OPAQUE_ID ? decodeChatGroupId(value) : undefined;
    return (
      location !== undefined &&
      isSpaceId(location.custSpaceId) &&
      isPhoneNumber(location.businessNumber) &&
      isGroupId(location.groupId)
    );
  });
}

export function IsWholeNumber(min: number, max: number): PropertyDecorator {
  const isAllowed: Check = (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
  const schema = { minimum: min, maximum: max };
  return rule('isWholeNumber', `must be a whole number from ${min} to ${max}`, isAllowed, schema);
}

/** Requires a value of an enum. */
export function IsOneOf(values: readonly string[]): PropertyDecorator {
  return rule('isOneOf', `must be one of ${values.join(', ')}`, (value) => values.includes(value as string));
}

export function IsIdempotencyKey(): PropertyDecorator {
  return rule('isIdempotencyKey', 'must be 1–255 visible ASCII characters, without spaces', isIdempotencyKey);
}

/** Requires what `If-Match` accepts. */
export function IsEntityTags(): PropertyDecorator {
  return rule(
    'isEntityTags',
    'must be * or a list of entity tags',
    (value) =>
      typeof value === 'string' &&
      value.length <= MAX_ENTITY_TAGS &&
      (value.trim() === '*' || isListOfTags(value)),
  );
}

export function IsShortText(maxLength: number): PropertyDecorator {
  return rule(
    'isShortText',
    `must be 1–${maxLength} characters, without control characters`,
    isText(maxLength),
    { minLength: 1, maxLength, pattern: NO_CONTROL },
  );
}

/**
 * Requires an HTTPS URL that all parsers read alike, and replaces it by its parsed form. WhatsApp fetches the picture, so
 * `PictureCheck` also judges the host.
 */
export function IsPictureUrl(): PropertyDecorator {
  const toParsed = Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? (parsePictureUrl(value) ?? value) : value,
  );
  const isAllowed: Check = (value) => typeof value === 'string' && parsePictureUrl(value) === value;
  const schema = { maxLength: MAX_PICTURE_URL, format: 'uri', pattern: '^[Hh][Tt][Tt][Pp][Ss]://[^/]' };
  return applyDecorators(toParsed, rule('isPictureUrl', pictureFormFault, isAllowed, schema));
}

const isPhoneNumber: Check = (value) => typeof value === 'string' && /^\d{5,20}$/.test(value);

const isSpaceId: Check = (value) => isText(MAX_SPACE_ID)(value) && !/\s/.test(value as string);

const isGroupId: Check = (value) => typeof value === 'string' && isUpstreamId(value);
