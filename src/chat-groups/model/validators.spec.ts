import { IsBoolean, IsOptional } from 'class-validator';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GatewayError } from '../../errors/gateway-error.js';
import { validateInput } from '../../http/input.pipe.js';
import { encodeChatGroupId } from './chat-group-id.js';
import {
  ArePhoneNumbers,
  IsChatGroupId,
  IsDescription,
  IsGroupId,
  IsIdempotencyKey,
  IsOneOf,
  IsPublicHttpsUrl,
  IsSubject,
  IsWholeNumber,
  IsOptionalButNotNull,
} from './validators.js';

class SampleInput {
  @IsOptionalButNotNull() @IsSubject() subject?: string;
  @IsOptionalButNotNull() @IsDescription() description?: string;
  @IsOptional() @ArePhoneNumbers(3) phoneNumbers?: string[];
  @IsOptional() @IsGroupId() groupId?: string;
  @IsOptional() @IsChatGroupId() id?: string;
  @IsOptional() @IsWholeNumber(1, 100) size?: number;
  @IsOptional() @IsBoolean({ message: 'must be true or false' }) flag?: boolean;
  @IsOptional() @IsOneOf(['A', 'B']) status?: string;
  @IsOptional() @IsIdempotencyKey() key?: string;
  @IsOptional() @IsPublicHttpsUrl() url?: string;
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
    [{ phoneNumbers: ['1'.repeat(20), '12345', '123456'] }],
    [{ groupId: 'x'.repeat(128) }],
    [{ size: 1 }],
    [{ size: 100 }],
    [{ flag: false }],
    [{ status: 'B' }],
    [{ url: 'https://pictures.acme.travel/a.jpg' }],
    [{ id: id({}) }],
  ])('accepts a value within the limits: %j', (input) => {
    expect(check(input)).toEqual(input);
  });

  it.each<[Record<string, unknown>]>([
    [{ phoneNumbers: ['1234'] }],
    [{ phoneNumbers: ['12345', '12345'] }],
    [{ phoneNumbers: ['12345', '123456', '1234567', '12345678'] }],
    [{ phoneNumbers: [] }],
    [{ phoneNumbers: '12345' }],
    [{ groupId: '' }],
    [{ groupId: 'a b' }],
    [{ groupId: 'a\u00a0b' }],
    [{ groupId: 'x'.repeat(129) }],
    [{ size: 0 }],
    [{ size: 101 }],
    [{ size: 1.5 }],
    [{ size: '5' }],
    [{ size: Number.NaN }],
    [{ flag: 'true' }],
    [{ status: 'a' }],
    [{ status: ['A'] }],
    [{ url: 'https://10.1.2.3/a.jpg' }],
    [{ id: 'x' }],
    [{ id: id({ businessNumber: '1234' }) }],
    [{ id: id({ custSpaceId: 'a b' }) }],
    [{ id: id({ groupId: 'x'.repeat(129) }) }],
    [{ id: id({ groupId: 'x'.repeat(2_000) }) }],
  ])('rejects a value outside the limits: %j', (input) => {
    expect(check(input)).toEqual(Object.keys(input));
  });
});

describe('the URL of a picture', () => {
  const octet = fc.integer({ min: 0, max: 255 });

  it('must not have an IP address as its host, in any notation', () => {
    fc.assert(
      fc.property(octet, octet, octet, octet, (a, b, c, d) => {
        const value = ((a * 256 + b) * 256 + c) * 256 + d;
        const hex = (part: number): string => part.toString(16).padStart(2, '0');
        const forms = [
          `${a}.${b}.${c}.${d}`,
          `${a}.${b}.${c * 256 + d}`,
          String(value),
          `0x${value.toString(16)}`,
          `0${value.toString(8)}`,
          `[::ffff:${a}.${b}.${c}.${d}]`,
          `[::ffff:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}]`,
        ];
        for (const host of forms) expect(check({ url: `https://${host}/a.jpg` })).toEqual(['url']);
      }),
    );
  });
});
