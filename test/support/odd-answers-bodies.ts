import { DONE, LOST, type OddCase, bytes, withFields } from './odd-answers.js';

const text = (what: string, body: string | Buffer): OddCase => ({ what, sends: () => bytes(body), ...LOST });
const around = (what: string, change: (sane: string) => string | Buffer, judgement = LOST): OddCase => ({
  what,
  sends: (sane) => bytes(change(sane)),
  ...judgement,
});
/** Puts this JSON text at the start of the object. */
const starting = (member: string) => (sane: string) => `{${member},${sane.slice(1)}`;
/** Puts these bytes into the message. */
const message =
  (...content: readonly number[]) =>
  (sane: string) =>
    Buffer.concat([Buffer.from('{"Note":"'), Buffer.from(content), Buffer.from(`",${sane.slice(1)}`)]);

/** Odd bodies of status 200. */
export const ODD_BODIES: readonly OddCase[] = [
  text('null', 'null'),
  text('true', 'true'),
  text('a number', '200'),
  text('a string', '"OK"'),
  text('a list', '[]'),
  text('a list with a response in it', '[{"Code":"OK"}]'),
  text('an empty object', '{}'),
  text('white space', ' \r\n\t'),
  text('a NUL', '\0'),
  text('not a number', 'NaN'),
  text('single quotes', "{'Code':'OK'}"),
  text('a form', 'Code=OK&Success=true'),
  around('a truncated object', (sane) => sane.slice(0, -1)),
  around('half a response', (sane) => sane.slice(0, sane.length / 2)),
  around('a response twice', (sane) => sane + sane),
  around('a JSONP callback', (sane) => `callback(${sane})`),
  around('a prefix against script inclusion', (sane) => `)]}',\n${sane}`),
  around('a trailing comma', (sane) => `${sane.slice(0, -1)},}`),
  around('a NUL behind the object', (sane) => `${sane}\0`),
  around('a byte order mark', (sane) => `\ufeff${sane}`),
  around('UTF-16', (sane) => Buffer.from(sane, 'utf16le')),
  around('text in GBK', message(0xc8, 0xba, 0xd7, 0xe9)),
  around('text in Latin-1', message(0x63, 0x61, 0x66, 0xe9)),
  around('half of a character', message(0xe7, 0xbe)),
  around('an overlong form of a slash', message(0xc0, 0xaf)),
  around('a surrogate in UTF-8', message(0xed, 0xa0, 0x80)),
  around('a line break inside a string', message(0x0a)),
  around('a genuine U+FFFD', message(0xef, 0xbf, 0xbd), DONE),
  around('an escaped lone surrogate in the message', starting(String.raw`"Note":"\ud800"`), DONE),
  around('an escaped NUL in an unknown field', starting(String.raw`"Note":"\u0000"`), DONE),
  around('white space around the object', (sane) => `\r\n\t ${sane}\n\n`, DONE),
  around('unknown fields', starting('"Extra":{"a":[1,null,{}]},"trace_id":7'), DONE),
  around('numbers that overflow to infinity', starting('"Extra":1e999,"Other":-1e999'), DONE),
  around('a number of a thousand digits', starting(`"Extra":${'9'.repeat(1_000)}`), DONE),
  around('an unknown field 30 levels deep', starting(`"Extra":${'['.repeat(30)}${']'.repeat(30)}`), DONE),
  around('an unknown field 5,000 levels deep', starting(`"Extra":${'['.repeat(5_000)}${']'.repeat(5_000)}`)),
  around('an unknown field of 1 MB', starting(`"Extra":"${'x'.repeat(1_000_000)}"`), DONE),
  around(
    'ten thousand unknown fields',
    starting(Array.from({ length: 10_000 }, (_, n) => `"f${n}":1`).join()),
    DONE,
  ),
  around('Code twice, OK last', starting('"Code":"Throttling.User"'), DONE),
  around('prototype keys', starting('"__proto__":{"Code":"Throttling"},"constructor":{"prototype":1}'), DONE),
  text('a Code in the prototype only', '{"__proto__":{"Code":"OK","Result":1,"Data":{"Total":0,"List":[]}}}'),
  text('the fields one level too deep', '{"body":{"Code":"OK","Result":1}}'),
  text('fields in lower case', '{"code":"OK","result":1,"data":{"total":0,"list":[]}}'),
  { what: 'no Code', sends: withFields({ Code: undefined }), ...LOST },
  { what: 'Code null', sends: withFields({ Code: null }), ...LOST },
  { what: 'Code empty', sends: withFields({ Code: '' }), ...LOST },
  { what: 'Code as a number', sends: withFields({ Code: 200 }), ...LOST },
  { what: 'Code true', sends: withFields({ Code: true }), ...LOST },
  { what: 'Code in a list', sends: withFields({ Code: ['OK'] }), ...LOST },
  { what: 'Code as an object', sends: withFields({ Code: { value: 'OK' } }), ...LOST },
];
