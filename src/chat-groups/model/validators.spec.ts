import { IsBoolean, IsOptional } from 'class-validator';
import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../errors/gateway-error.js';
import { validateInput } from '../../http/input.pipe.js';
import { encodeChatGroupId } from './chat-group-id.js';
import {
  IsChatGroupId,
  IsDescription,
  IsGroupId,
  IsIdempotencyKey,
  IsOneOf,
  IsPictureUrl,
  IsSubject,
  IsWholeNumber,
  IsOptionalButNotNull,
} from './validators.js';
import { AreParticipantIds, ArePhoneNumbers } from './list-validators.js';

class SampleInput {
  @IsSubject() @IsOptionalButNotNull() subject?: string;
  @IsDescription() @IsOptionalButNotNull() description?: string;
  @IsOptional() @ArePhoneNumbers(3) phoneNumbers?: string[];
  @IsOptional() @AreParticipantIds(3) participantIds?: string[];
  @IsOptional() @IsGroupId() groupId?: string;
  @IsOptional() @IsChatGroupId() id?: string;
  @IsOptional() @IsWholeNumber(1, 100) size?: number;
  @IsOptional() @IsBoolean({ message: 'must be true or false' }) flag?: boolean;
  @IsOptional() @IsOneOf(['A', 'B']) status?: string;
  @IsOptional() @IsIdempotencyKey() key?: string;
  @IsOptional() @IsPictureUrl() url?: string;
}

/** Returns the input, or the names of the invalid fields. */
function check(value: Readonly<Record<string, unknown>>): unknown {
  try {
    return Object.fromEntries(Object.entries(validateInput(SampleInput, value)));
  } catch (error) {
    if (error instanceof GatewayError) return error.options.violations?.map(({ field }) => field);
    throw error;
  }
}

const id = (location: { custSpaceId?: string; businessNumber?: string; groupId?: string }): string =>
  encodeChatGroupId({ custSpaceId: 'cams-acme', businessNumber: '8613800000001', groupId: 'g', ...location });

describe('an input', () => {
  it('may omit optional fields', () => {
    expect(check({})).toEqual({});
  });

  it('may set an optional field to null, unless null could mean to clear it', () => {
    expect(
      check({ phoneNumbers: null, groupId: null, size: null, flag: null, status: null, key: null }),
    ).toEqual({});
    expect(check({ subject: null, description: null })).toEqual(['subject', 'description']);
  });

  it('has leading and trailing white space of text removed', () => {
    expect(check({ subject: ' a b ', description: '\n a\nb \n' })).toEqual({
      subject: 'a b',
      description: 'a\nb',
    });
  });

  it('accepts an idempotency key of 1–255 visible ASCII characters', () => {
    for (const key of ['', 'a b', 'a\n', 'ä', 'x'.repeat(256), 0]) expect(check({ key })).toEqual(['key']);
    for (const key of ['x', '"quoted"', '~'.repeat(255)]) expect(check({ key })).toEqual({ key });
  });

  it.each<[Record<string, unknown>]>([
    [{ phoneNumbers: ['12345'] }],
    [{ phoneNumbers: ['+86 (137) 0000-0001', '86.137.0000.0002'] }],
    [{ participantIds: ['US.13491208655302741918', '+8613700000001', '1203@lid'] }],
    [{ phoneNumbers: ['1'.repeat(20), '12345', '123456'] }],
    [{ groupId: 'x'.repeat(255) }],
    [{ size: 1 }],
    [{ size: 100 }],
    [{ flag: false }],
    [{ status: 'B' }],
    [{ url: 'https://pictures.acme.travel/a.jpg' }],
    [{ id: id({}) }],
    [{ id: id({ custSpaceId: '😀'.repeat(128), groupId: '😀'.repeat(255) }) }],
  ])('accepts a value within the limits: %j', (input) => {
    expect(check(input)).toEqual(input);
  });

  it.each<[Record<string, unknown>]>([
    [{ phoneNumbers: ['1234'] }],
    [{ phoneNumbers: ['12345', '12345'] }],
    [{ phoneNumbers: ['12345', '+123-45'] }],
    [{ phoneNumbers: ['US.13491208655302741918'] }],
    [{ participantIds: [''] }],
    [{ participantIds: ['a\u0000'] }],
    [{ participantIds: ['x'.repeat(256)] }],
    [{ participantIds: ['86137', '+86137'] }],
    [{ participantIds: ['a', 'b', 'c', 'd'] }],
    [{ phoneNumbers: ['12345', '123456', '1234567', '12345678'] }],
    [{ phoneNumbers: '12345' }],
    [{ groupId: '' }],
    [{ groupId: 'a b' }],
    [{ groupId: 'a\u00a0b' }],
    [{ groupId: 'x'.repeat(256) }],
    [{ size: 0 }],
    [{ size: 101 }],
    [{ size: 1.5 }],
    [{ size: '5' }],
    [{ size: Number.NaN }],
    [{ flag: 'true' }],
    [{ status: 'a' }],
    [{ status: ['A'] }],
    [{ url: 'http://pictures.acme.travel/a.jpg' }],
    [{ id: 'x' }],
    [{ id: id({ businessNumber: '1234' }) }],
    [{ id: id({ custSpaceId: 'a b' }) }],
    [{ id: id({ groupId: 'x'.repeat(256) }) }],
    [{ id: id({ groupId: 'x'.repeat(2_000) }) }],
  ])('rejects a value outside the limits: %j', (input) => {
    const fields = check(input) as string[];
    expect(fields.map((field) => field.replace(/\[\d\]$/, ''))).toEqual(Object.keys(input));
  });
});
