import type { IncomingMessage } from 'node:http';
import { GatewayError, validationFailed } from '../errors/gateway-error.js';

interface Rule {
  /** Length of all values together: parsing costs time that grows with it. Node limits all headers to 16 KiB. */
  readonly maxCharacters?: number;
  /**
   * Set if the header must not be repeated. Node drops or joins repetitions, and a proxy in front may have decided by
   * another value than the gateway would.
   */
  readonly once?: 'credentials' | 'request';
}

/** Headers that decide something. All others are ignored, or are lists that HTTP allows to be split. */
const RULES: Readonly<Record<string, Rule>> = {
  authorization: { once: 'credentials' },
  'x-api-key': { once: 'credentials' },
  accept: { maxCharacters: 1024 },
  'accept-encoding': { maxCharacters: 1024 },
  prefer: { maxCharacters: 1024 },
  'if-match': { maxCharacters: 4096 },
  'if-none-match': { maxCharacters: 4096 },
  'x-forwarded-for': { maxCharacters: 2048 },
  'content-type': { maxCharacters: 1024, once: 'request' },
  'idempotency-key': { maxCharacters: 1024, once: 'request' },
  origin: { maxCharacters: 1024, once: 'request' },
  host: { maxCharacters: 1024, once: 'request' },
  'content-length': { once: 'request' },
  'if-modified-since': { once: 'request' },
  'if-unmodified-since': { once: 'request' },
  'if-range': { once: 'request' },
  'access-control-request-method': { once: 'request' },
};

interface NamedRule extends Rule {
  readonly name: string;
  /** A bit of its own. */
  readonly bit: number;
}

const rules = new Map(
  Object.entries(RULES).map(([name, rule], index): [string, NamedRule] => [
    name,
    { ...rule, name, bit: 1 << index },
  ]),
);
const MAX_NAME_CHARACTERS = Math.max(...Object.keys(RULES).map(({ length }) => length));

/**
 * Throws `PAYLOAD_TOO_LARGE` (431) for a header that is too long, `VALIDATION_FAILED` for one that is repeated. Returns
 * whether a header with credentials is repeated, which makes them invalid.
 */
export function checkHeaders({ rawHeaders, headers }: IncomingMessage): boolean {
  let seen = 0;
  let hasRepeatedCredentials = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const rule = ruleOf(rawHeaders[index] ?? '');
    if (!rule) continue;
    const { name, maxCharacters, once, bit } = rule;
    // Node has joined the values of a header that is a list.
    const value = once === undefined ? headers[name] : rawHeaders[index + 1];
    if (maxCharacters !== undefined && String(value).length > maxCharacters) throw tooLong(rule);
    if (once === undefined) continue;
    if ((seen & bit) !== 0) {
      if (once === 'request') throw validationFailed([{ field: name, message: 'must be sent only once' }]);
      hasRepeatedCredentials = true;
    }
    seen |= bit;
  }
  return hasRepeatedCredentials;
}

function ruleOf(name: string): NamedRule | undefined {
  return name.length > MAX_NAME_CHARACTERS ? undefined : (rules.get(name) ?? rules.get(name.toLowerCase()));
}

function tooLong({ name, maxCharacters = 0 }: NamedRule): GatewayError {
  const detail = `The header ${name} is longer than ${maxCharacters / 1024} KiB.`;
  return new GatewayError('PAYLOAD_TOO_LARGE', detail, { status: 431 });
}
