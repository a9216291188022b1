/** Something that must not get out, in one spelling, and what would give it away in a readable output. */
export interface Canary {
  readonly spelled: string;
  /** In lower case; for numbers, digits that must not follow each other. */
  readonly core: string;
}

const NUMBER = '8615912345670';
const SEPARATORS = [
  ' ',
  '-',
  '.',
  '/',
  ',',
  ':',
  '_',
  '*',
  '|',
  '~',
  '·',
  '–',
  '—',
  '−',
  '、',
  '\u00a0',
  '\u202f',
  '\u3000',
];
const INVISIBLE = [
  '\u200b',
  '\u200d',
  '\u2060',
  '\u00ad',
  '\ufeff',
  '\u202e',
  '\u034f',
  '\ufe0f',
  '\u{e0020}',
];
/** Digits zero of scripts, and of styles that NFKC folds. */
const ZEROS = [
  0xff10, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xe50, 0x17e0, 0x1810, 0x11066, 0x1d7ce, 0x1d7f6, 0x1fbf0,
];
const CONTEXTS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `number ${text} failed`,
  (text) => `{"value":"${text}"}`,
  (text) => `a=${text}&b=1`,
  (text) => `at line 5 (${text}), column 7`,
  (text) => `first\n${text}\nlast`,
  (text) => `key:'${text}';`,
];

const each = (text: string, turn: (character: string) => string): string => [...text].map(turn).join('');
const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
/** Forms that a decoder reads as the same text. */
const ENCODINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  encodeURIComponent,
  percent,
  (text) => percent(text).toUpperCase(),
  (text) => percent(percent(text)),
  (text) => each(text, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
  (text) => each(text, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`),
  (text) => each(text, (one) => `&#${one.charCodeAt(0)};`),
  (text) => each(text, (one) => `&#x${one.charCodeAt(0).toString(16)};`),
];
/** Forms that look the same, or almost. */
const LOOKS: readonly ((text: string) => string)[] = [
  ...INVISIBLE.map((mark) => (text: string) => each(text, (one) => one + mark)),
  ...INVISIBLE.map((mark) => (text: string) => `${text.slice(0, 3)}${mark}${text.slice(3)}`),
  (text) => each(text, (one) => (/[!-~]/.test(one) ? String.fromCharCode(one.charCodeAt(0) + 0xfee0) : one)),
];

function numberSpellings(): string[] {
  const groups = [
    [...NUMBER],
    ['86', '159', '1234', '5670'],
    ['8', '615', '912', '345', '670'],
    ['86159', '12345670'],
  ];
  const separated = groups.flatMap((group) => [
    ...SEPARATORS.map((separator) => group.join(separator)),
    ...SEPARATORS.map((separator) => group.join(` ${separator} `)),
  ]);
  const scripts = ZEROS.map((zero) => each(NUMBER, (digit) => String.fromCodePoint(zero + Number(digit))));
  return [
    NUMBER,
    `+${NUMBER}`,
    `00${NUMBER}`,
    `tel:+${NUMBER}`,
    `+86 (159) 1234-5670`,
    `x${NUMBER}y`,
    `_${NUMBER}_`,

    ...separated,
    ...scripts,
    ...scripts.map((script) => [...script].join('-')),
    ...LOOKS.map((look) => look(NUMBER)),
    ...ENCODINGS.flatMap((encode) => [encode(NUMBER), encode(`+${NUMBER}`), encode('86-159-1234-5670')]),
  ];
}

const SECRETS: Readonly<Record<string, readonly (readonly [text: string, core: string])[]>> = {
  'an API key': [[`cgk_acme.${'Canary'.repeat(7)}x`, 'canarycanary']],
  'a token': [['eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5c2lnbmF0dXJl', 'y2fuyxj5c2lnbmf0dxjl']],
  'a header': [
    ['Authorization: Bearer c4narycanarycanary', 'c4narycanary'],
    ['x-api-key: c4narycanarycanary', 'c4narycanary'],
  ],
  'an access key ID': [
    ['LTAI5tCanaryCanaryCanary', '5tcanary'],
    ['STS.NUgCanaryCanaryCanary', 'nugcanary'],
  ],
  'a signature': [['Signature=CanaryCanary%2BCanary%3D', 'canarycanary']],
  'a resource name': [['acs:ram::1234567890123456:user/canary', 'canary']],
  'a RAM user': [['canary@1234567890123456.onaliyun.com', 'canary']],
  'an invite link': [
    ['https://chat.whatsapp.com/CanaryCanaryCanary', 'canarycanary'],
    ['chat.whatsapp.com/CanaryCanaryCanary', 'canarycanary'],
    ['CHAT.WhatsApp.COM/CanaryCanaryCanary', 'canarycanary'],
  ],
  'an upstream URL': [['https://cams.ap-southeast-1.aliyuncs.com/?Action=ListChatGroup', 'aliyuncs']],
  'a user ID': [
    ['US.13491208655302741918', '8655302741'],
    ['US.ENT.CanaryCanary', 'canarycanary'],
    ['BR.CanaryCanaryCanaryCanary', 'canarycanary'],
    ['1349canary8655@lid', '1349canary'],
  ],
};

/** Every kind of text that must not get out, each in more than 300 spellings. */
export function canaries(): ReadonlyMap<string, readonly Canary[]> {
  const kinds = new Map<string, readonly Canary[]>();
  const inContexts = (spelled: string, core: string): Canary[] =>
    CONTEXTS.map((context) => ({ spelled: context(spelled), core }));
  kinds.set(
    'a phone number',
    numberSpellings().flatMap((spelled) => inContexts(spelled, '1591234')),
  );
  for (const [kind, texts] of Object.entries(SECRETS)) {
    kinds.set(
      kind,
      texts.flatMap(([text, core]) =>
        [
          ...ENCODINGS,
          ...LOOKS,
          ...LOOKS.map((look) => (one: string) => encodeURIComponent(look(one))),
        ].flatMap((spell) => inContexts(spell(text), core)),
      ),
    );
  }
  return kinds;
}
