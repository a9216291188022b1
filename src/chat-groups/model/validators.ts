import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ValidateBy, ValidateIf } from 'class-validator';
import ipaddr from 'ipaddr.js';
import { isIdempotencyKey } from '../../request/idempotency-key.js';
import { codePoints, isCleanText } from '../../util/text.js';
import { decodeChatGroupId } from './chat-group-id.js';

/** Limits set by Meta, behind CAMS. */
export const MAX_SUBJECT = 128;
export const MAX_DESCRIPTION = 2048;
export const MAX_MEMBERS = 8;
/** CAMS returns this text for an empty description, so it could never be read back as a description. */
const NOTHING = 'None';
const MAX_URL = 2048;
const MAX_ID = 128;

type Check = (value: unknown) => boolean;

function rule(name: string, message: string, check: Check): PropertyDecorator {
  return ValidateBy({ name, validator: { validate: check, defaultMessage: () => message } });
}

const trimmed = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' ? value.trim() : value,
);

const isText =
  (maxLength: number, newlines = false): Check =>
  (value) =>
    typeof value === 'string' &&
    value !== '' &&
    isCleanText(value, { newlines }) &&
    codePoints(value) <= maxLength;

/** Optional, but rejects `null`: there is no documented way to clear the field upstream. */
export function IsOptionalButNotNull(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}

export function IsSubject(): PropertyDecorator {
  const message = `must be 1–${MAX_SUBJECT} characters, without control characters`;
  return applyDecorators(trimmed, rule('isSubject', message, isText(MAX_SUBJECT)));
}

export function IsDescription(): PropertyDecorator {
  const message = `must be 1–${MAX_DESCRIPTION} characters, not "${NOTHING}", without control characters other than line feeds`;
  return applyDecorators(
    trimmed,
    rule('isDescription', message, (value) => isText(MAX_DESCRIPTION, true)(value) && value !== NOTHING),
  );
}

export function IsPhoneNumber(): PropertyDecorator {
  return rule('isPhoneNumber', 'must be 5–20 digits', isPhoneNumber);
}

export function ArePhoneNumbers(max: number): PropertyDecorator {
  return rule('arePhoneNumbers', `must be 1–${max} distinct phone numbers of 5–20 digits`, (value) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > max) return false;
    return value.every(isPhoneNumber) && new Set(value).size === value.length;
  });
}

export function IsSpaceId(): PropertyDecorator {
  return rule('isSpaceId', `must be 1–${MAX_ID} characters, without spaces or control characters`, isId);
}

export function IsGroupId(): PropertyDecorator {
  return rule('isGroupId', `must be 1–${MAX_ID} characters, without spaces or control characters`, isId);
}

/** Requires the opaque id of a group. */
export function IsChatGroupId(): PropertyDecorator {
  return rule('isChatGroupId', 'must be the opaque `id` of a group, not its `groupId`', (value) => {
    const location = typeof value === 'string' && value.length <= 1024 ? decodeChatGroupId(value) : undefined;
    return (
      location !== undefined &&
      isId(location.custSpaceId) &&
      isPhoneNumber(location.businessNumber) &&
      isId(location.groupId)
    );
  });
}

export function IsWholeNumber(min: number, max: number): PropertyDecorator {
  return rule('isWholeNumber', `must be a whole number from ${min} to ${max}`, (value) => {
    return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
  });
}

/** Requires a value of an enum. */
export function IsOneOf(values: readonly string[]): PropertyDecorator {
  return rule('isOneOf', `must be one of ${values.join(', ')}`, (value) => values.includes(value as string));
}

export function IsIdempotencyKey(): PropertyDecorator {
  return rule('isIdempotencyKey', 'must be 1–255 visible ASCII characters', isIdempotencyKey);
}

export function IsShortText(maxLength: number): PropertyDecorator {
  return rule(
    'isShortText',
    `must be 1–${maxLength} characters, without control characters`,
    isText(maxLength),
  );
}

/** Requires HTTPS and a public host, because WhatsApp fetches the picture from the URL. */
export function IsPublicHttpsUrl(): PropertyDecorator {
  const message = 'must be an HTTPS URL with a public host name, on port 443, without credentials';
  return rule('isPublicHttpsUrl', message, (value) => {
    if (typeof value !== 'string' || value.length > MAX_URL || !isCleanText(value) || /\s/.test(value))
      return false;
    // URL.parse repairs these, but the client that fetches the picture may read them as another host.
    if (!/^https:\/\/[^/]/i.test(value) || value.includes('\\')) return false;
    const url = URL.parse(value);
    if (!url || url.protocol !== 'https:' || url.port !== '' || url.username || url.password) return false;
    return isPublicHostName(url.hostname);
  });
}

const isPhoneNumber: Check = (value) => typeof value === 'string' && /^\d{5,20}$/.test(value);

const isId: Check = (value) => isText(MAX_ID)(value) && !/\s/.test(value as string);

// URL.parse has already converted decimal, octal and hexadecimal addresses to dotted ones.
function isPublicHostName(hostname: string): boolean {
  if (hostname.startsWith('[') || ipaddr.isValid(hostname)) return false;
  const labels = hostname.replace(/\.$/, '').split('.');
  if (labels.length < 2 || labels.some((label) => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)))
    return false;
  return ![
    'localhost',
    'local',
    'internal',
    'intranet',
    'lan',
    'home',
    'corp',
    'test',
    'invalid',
    'example',
    'onion',
    'arpa',
  ].includes(labels.at(-1) ?? '');
}
