import { describe, expect, it } from '@jest/globals';
import { cleanAccessDeniedDetail, cleanCode, cleanMessage, cleanRequestId } from './clean-message.js';

describe('cleanMessage', () => {
  it.each([
    ['The subject is too long.', 'The subject is too long.'],
    ['Number 8613800000001 is not yours', 'Number 8613******001 is not yours'],
    ['Number +86 138-0000-0001', 'Number +8613******001'],
    ['code 12345', 'code *****'],
    ['see https://help.aliyun.com/x?n=8613800000001 for more', 'see for more'],
    ['link chat.whatsapp.com/AbCdEf expired', 'link expired'],
    ['two\r\nlines\u0000\u2028here', 'two lines here'],
    ['half \ud800 a pair', 'half \ufffd a pair'],
    ['None', undefined],
    [' ', undefined],
    ['', undefined],
    ['\u200b\ufeff', undefined],
    [null, undefined],
    [{ a: 1 }, undefined],
  ])('turns %p into %p', (message, shown) => {
    expect(cleanMessage(message)).toBe(shown);
  });

  it('truncates a long message', () => {
    expect(cleanMessage('字'.repeat(301))).toBe(`${'字'.repeat(299)}…`);
    expect(cleanMessage('字'.repeat(300))).toHaveLength(300);
  });

  it.each([
    ['plain', '8613800000001'],
    ['with a plus', '+8613800000001'],
    ['with spaces', '+86 138 0000 0001'],
    ['one digit at a time', '8 6 1 3 8 0 0 0 0 0 0 0 1'],
    ['with slashes', '86/138/0000/0001'],
    ['with no-break spaces', '86\u00a0138\u202f0000\u00a00001'],
    ['with ideographic spaces', '86\u3000138\u30000000\u30000001'],
    ['with en dashes', '86–138–0000–0001'],
    ['with em dashes and spaces', '86 — 138 — 0000 — 0001'],
    ['with figure dashes', '86‒138‒0000‒0001'],
    ['with a minus sign', '86\u2212138\u22120000\u22120001'],
    ['with full-width dashes', '86－138－0000－0001'],
    ['with non-breaking hyphens', '86\u2011138\u20110000\u20110001'],
    ['with soft hyphens', '86\u00ad138\u00ad0000\u00ad0001'],
    ['with asterisks', '86*138*0000*0001'],
    ['with underscores', '86_138_0000_0001'],
    ['with brackets', '+(86)[138]{0000}0001'],
    ['with an area code in brackets', '+49 (0) 30 0000-0001'],
    ['with full-width brackets', '（86）138（0000）0001'],
    ['with dots', '86.138.0000.0001'],
    ['with middle dots', '86·138·0000·0001'],
    ['with commas', '86,138,0000,0001'],
    ['with ideographic commas', '86、138、0000、0001'],
    ['with pipes', '86|138|0000|0001'],
    ['with tildes', '86~138~0000~0001'],
    ['with zero-width spaces', '86\u200b138\u200b0000\u200b0001'],
    ['with joiners and direction marks', '8\u200d6\u200e1\u200f3\u2060800000001'],
    ['with combining marks', '8\u03016\u03011\u03013\u0301800000001'],
    ['in keycaps', [...'8613800000001'].map((digit) => `${digit}\ufe0f\u20e3`).join('')],
    ['in full-width digits', '８６１３８００００００１'],
    ['in Arabic-Indic digits', '٨٦١٣٨٠٠٠٠٠٠٠١'],
    ['in Persian digits', '۸۶۱۳۸۰۰۰۰۰۰۰۱'],
    ['in Devanagari digits', '८६१३८०००००००१'],
    ['in Bengali digits with dashes', '৮৬-১৩৮-০০০০-০০০১'],
    ['in Thai digits', '๘๖๑๓๘๐๐๐๐๐๐๐๑'],
    ['in mathematical digits', '𝟖𝟔𝟏𝟑𝟖𝟎𝟎𝟎𝟎𝟎𝟎𝟎𝟏'],
    ['in digits beyond the basic plane', '𑁮𑁬𑁧𑁩𑁮𑁦𑁦𑁦𑁦𑁦𑁦𑁦𑁧'],
    ['in superscript digits', '⁸⁶¹³⁸⁰⁰⁰⁰⁰⁰⁰¹'],
    ['in circled digits', '⑧⑥①③⑧⓪⓪⓪⓪⓪⓪⓪①'],
    ['in mixed scripts', '86٢٣८७０００00001'],
    ['between letters', 'P8613800000001Q'],
    ['behind a date', '2026-11-28-138-0000-0001'],
    ['that begins like a date', '2013-12-12 1234'],
    ['in groups of three', '8,613,800,000,001'],
  ])('masks a phone number %s', (_how, number) => {
    const shown = cleanMessage(`Member ${number} is unknown.`);
    expect(shown).toMatch(/^Member .*unknown\.$/);
    // Enough to recognise a known number: its first four and last three digits.
    const kept = shown?.replace(/^Member/, '').match(/\p{N}/gu) ?? [];
    expect(kept.length).toBeLessThanOrEqual(7);
    expect(shown).not.toContain('0000');
  });

  it.each([
    ['an access key ID', 'LTAI5tPzQvXyAbCdEfGhJkLm'],
    ['an access key ID with asterisks', 'LTAI****************'],
    ['an access key ID in full-width letters', 'ＬＴＡＩ5tPzQvXyAbCdEfGhJkLm'],
    ['an access key ID split by a zero-width space', 'LT\u200bAI5tPzQvXyAbCdEfGhJkLm'],
    ['an access key ID behind an encoded sign', 'AccessKeyId%3DLTAI5tPzQvXyAbCdEfGhJkLm'],
    ['a temporary access key ID', 'STS.NUgYrLnoC37mZZCNnAbCdEfGh'],
    ['a secret', 'yJ4cQzT8WbnPpLr5sKdVx1Ga9hEm0u'],
    ['a secret in base64', 'q8/+Jx2mNfPw7aBcD+eF9g=='],
    ['a token in base64url', 'AAAA-3b_cD9e-FgHiJkLmNoPq'],
    ['a JWT', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1g'],
    ['a digest', '7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259'],
    ['a parameter with credentials', 'SecurityToken=abc'],
    ['an account ID', '1234567890123456'],
    ['a resource name', 'acs:ram::1234567890123456:user/bob'],
    ['a resource name without an account', 'acs:ram::*:user/bob'],
    ['a resource name in JSON', '{"Resource":"acs:ram::123:user/bob"}'],
    ['a RAM user', 'bob@1234567890.onaliyun.com'],
    ['a RAM user with an alias', 'bob@acme.onaliyun.com'],
    ['an e-mail address', 'bob.smith+ops@example.com'],
    ['a user ID of Meta', 'US.13491208655302741918'],
    ['a user ID of Meta with letters', 'BR.AbCd3FgHiJ'],
    ['a parent user ID of Meta', 'US.ENT.AbCdEfGh'],
    ['a member in another form', '13491208655@lid'],
    ['an invite link', 'https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv'],
    ['an invite link without its scheme', 'chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv'],
    ['an invite link in capitals', 'CHAT.WHATSAPP.COM/AbCdEfGh'],
    ['an invite link in full-width characters', 'ｃｈａｔ．ｗｈａｔｓａｐｐ．ｃｏｍ／AbCdEfGh'],
    ['an invite link with escaped slashes', String.raw`https:\/\/chat.whatsapp.com\/AbCdEfGh`],
    ['a Telegram link', 't.me/+AbCdEfGh'],
    ['a link to a number', 'wa.me/bob'],
    ['a URL of any scheme', 'redis://bob@10.0.0.1:6379'],
    ['an IP address', '192.168.10.7'],
    ['an IP address with a port', '10.9.8.7:8080'],
    ['an IPv6 address', '2001:0db8:0000:0000:0000:ff00:0042:8329'],
    ['a short IPv6 address', 'fe80::1ff:fe23'],
    ['an IPv4 address in IPv6', '::ffff:10.9.8.7'],
  ])('hides %s', (_what, secret) => {
    const shown = cleanMessage(`Before ${secret} after`);
    expect(shown).toMatch(/^Before .*after$/);
    const parts = secret
      .normalize('NFKC')
      .split(/[^A-Za-z\d]+/)
      .filter((part) => /^(?:bob|[A-Z]bC.*|LTAI\w+|\w{8,})$/.test(part));
    const secretParts = parts.filter(
      (part) => !/^(?:AccessKeyId|SecurityToken|Resource|whatsapp|onaliyun)$/i.test(part),
    );
    expect(secretParts.filter((part) => shown?.includes(part))).toEqual([]);
    expect(shown).not.toMatch(/bob|LTAI\w|10\.9|ff00|fe23|=abc/);
  });

  it.each([
    'at most 1024 characters',
    'The description must have between 1 and 2048 characters.',
    'The picture is 192x192 pixels and 5 MB large.',
    'a picture of 640 × 480 pixels',
    'at most 1,048,576 bytes',
    'version 2020-06-06 is not supported',
    'expired at 2026-11-28T22:31:29Z',
    'expired at 2026-11-28 22:31:29.123+08:00, 5 attempts were made',
    'expired on 2026/11/28.',
    'Sat, 28 Nov 2026 22:31:29 GMT',
    'retry in 30-60 s',
    'HTTP 503 from ap-southeast-1',
    'Specified signature is not matched with our calculation.',
    'InvalidParameter.ChannelTypeNotSupport: ChannelType',
    'cams:ListChatGroup on cams-ap-southeast-1-endpoint is denied',
    'ACS3-HMAC-SHA256 expected',
    '参数错误：群组名称不能超过 128 个字符'.normalize('NFKC'),
    'Der Name ist zu lang: höchstens 128 Zeichen.',
  ])('shows %p unchanged', (message) => {
    expect(cleanMessage(message)).toBe(message);
  });

  // In quadratic time, each would take many seconds.
  it.each([
    ['digits', '1'],
    ['digits and separators', '1 -- '],
    ['almost numbers', '1-1-1-1-1-1-x'],
    ['separators', '-'],
    ['letters', 'a'],
    ['letters and dots', 'a.'],
    ['capitals and dots', 'AB.'],
    ['almost tokens', 'a1b2c3d4e5f6g7h8i9j '],
    ['a token without end', 'a-1-'],
    ['groups of hexadecimal digits', 'a:'],
    ['octets', '1.'],
    ['slashes', 'http:/'],
    ['at signs', '@'],
    ['almost links', 'chat.whatsapp.com '],
    ['combining marks', '1\u0301'],
    ['characters that NFKC expands', '\ufdfa'],
    ['dates', '2026-11-28 '],
    ['thousands', '1,000,000,'],
    ['key IDs', 'LTAI'],
    ['blanks', ' '],
  ])('reads a hostile message of 100 kB: %s', (_what, unit) => {
    const hostile = unit.repeat(100_000 / unit.length);
    expect((cleanMessage(hostile) ?? '').length).toBeLessThanOrEqual(600);
    expect(cleanCode(`A${hostile}`)).toBeUndefined();
    expect(cleanRequestId(`a${hostile}z`)).toBeUndefined();
  });
});

describe('cleanCode', () => {
  it.each([
    'OK',
    'Product.Unsubscript',
    'Ram.PermissionDeny',
    'System.LimitControl',
    'Authentication.NoAuth',
    'InvalidParameter.PageInvalid',
    'InvalidParameter.ChannelTypeNotSupport',
    'InvalidParameter.PhoneNumberError',
    'MissingSubject',
    'InvalidTimeStamp.Expired',
    'SignatureNonceUsed',
    'SignatureDoesNotMatch',
    'Throttling.User',
    'Throttling.Api',
    'InvalidAccessKeyId.NotFound',
    'NoPermission',
    'InvalidApi.NotFound',
    'InvalidAction.NotFound',
    'InvalidVersion',
    'InvalidSecurityToken.Expired',
    'InternalError',
    'InternalFailure',
    'ServiceUnavailable',
    'isv.SYSTEM_ERROR',
    'Error4097',
    'ECONNRESET',
  ])('shows %s', (code) => {
    expect(cleanCode(code)).toBe(code);
  });

  it.each([
    'undefined',
    'Number.8613800000001',
    'P.8613-9123-4567',
    'P86.1391.234.567',
    'P_86_1391_234_567',
    'InvalidParameter.86:138:7777:6543',
    'LTAI5tPzQvXyAbCdEfGhJkLm',
    'Denied.LTAI5tPzQvXy',
    'STS.NUgYrLnoC37mZZCN',
    'US.13491208655302741918',
    'acs:ram::1:user',
    'yJ4cQzT8WbnPpLr5sKdVx1Ga9hEm0u',
    '<b>no</b>',
    'two words',
    '',
    undefined,
    500,
  ])('does not show %p', (code) => {
    expect(cleanCode(code)).toBeUndefined();
  });
});

describe('cleanRequestId', () => {
  it.each([
    ['90E63D28-E31D-1EB2-8939-A9486641****O\n', '90E63D28-E31D-1EB2-8939-A9486641****O'],
    ['90E63D28-E31D-1EB2-8939-A9486641000O', '90E63D28-E31D-1EB2-8939-A9486641000O'],
    ['0c6f1c1e-6f0e-4d6a-9f0b-2f7f0c4b1a55', '0c6f1c1e-6f0e-4d6a-9f0b-2f7f0c4b1a55'],
    ['744c4b5c79c9432497a075bdfca3****', '744c4b5c79c9432497a075bdfca3****'],
    ['0bc1ec7a17052345678901234d0001', '0bc1ec7a17052345678901234d0001'],
    [' r-1 ', 'r-1'],
    ['a\r\nSet-Cookie: b', undefined],
    ['8613800000001', undefined],
    ['+8613800000001', undefined],
    ['8613-8000-00001', undefined],
    ['8613800000001O', undefined],
    ['P8613800000001', undefined],
    ['P-8613_8000.00001', undefined],
    ['1234567890123456', undefined],
    ['LTAI5tPzQvXyAbCdEfGhJkLm', undefined],
    ['US.13491208655302741918', undefined],
    ['<b>1</b>', undefined],
    ['1', undefined],
    ['a'.repeat(10_240), undefined],
    ['', undefined],
    [7, undefined],
    [undefined, undefined],
  ])('turns %p into %p', (id, shown) => {
    expect(cleanRequestId(id)).toBe(shown);
  });
});

describe('cleanAccessDeniedDetail', () => {
  const denial = {
    AuthAction: 'cams:ListChatGroup',
    AuthPrincipalDisplayName: '212345678901234567',
    AuthPrincipalOwnerId: '1234567890123456',
    AuthPrincipalType: 'SubUser',
    NoPermissionType: 'ImplicitDeny',
    PolicyType: 'AccountLevelIdentityBasedPolicy',
    EncodedDiagnosticMessage: 'AQIBIAAAAABBBBCCCC1111',
  };
  const SHOWN =
    'AuthAction: cams:ListChatGroup, PolicyType: AccountLevelIdentityBasedPolicy, NoPermissionType: ImplicitDeny';

  it.each([
    ['an object', denial, SHOWN],
    ['an object as text', JSON.stringify(denial), SHOWN],
    [
      'an object with numbers',
      { AuthAction: 'for 8613800000001', PolicyType: 7 },
      'AuthAction: for 8613******001',
    ],
    ['an object without a known field', { Owner: 'bob' }, undefined],
    ['text', 'Denied to acs:ram::123:user/bob', 'Denied to ***'],
    ['None', 'None', undefined],
    ['nothing', undefined, undefined],
    ['an array', [denial], undefined],
  ])('reads %s', (_what, detail, shown) => {
    expect(cleanAccessDeniedDetail(detail)).toBe(shown);
  });
});
