import { hash } from 'node:crypto';
import { GatewayError, validationFailed } from '../../errors/gateway-error.js';

/** Returns a strong entity tag of the JSON of a representation. Source: RFC 9110, section 8.8.3. */
export function etag(representation: object): string {
  return `"${hash('sha256', JSON.stringify(representation), 'base64url').slice(0, 22)}"`;
}

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const LIST_OF_TAGS = new RegExp(String.raw`^\s*${TAG}(?:\s*,\s*${TAG})*\s*$`);

/** Returns whether `If-None-Match` matches the tag, by weak comparison as RFC 9110 requires. */
export function noneMatchHits(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || listed(header).some((candidate) => candidate.replace(/^W\//, '') === tag);
}

/** A precondition that a group must meet before it is written to. */
export interface Precondition {
  /** The header as received. */
  readonly header: string;
  /** Throws `PRECONDITION_FAILED`. */
  judge(representation: object): void;
}

/**
 * Parses `If-Match`. Throws `VALIDATION_FAILED` if the header is not a list of entity tags. The returned precondition
 * throws `PRECONDITION_FAILED` unless a tag matches by strong comparison.
 */
export function ifMatch(header: string | undefined): Precondition | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return { header, judge: () => undefined };
  const tags = listed(header);
  if (!LIST_OF_TAGS.test(header))
    throw validationFailed([{ field: 'If-Match', message: 'must be * or a list of entity tags' }]);
  const judge = (representation: object): void => {
    if (tags.includes(etag(representation))) return;
    throw new GatewayError(
      'PRECONDITION_FAILED',
      'The group has changed: its entity tag does not match If-Match. Read the group again.',
    );
  };
  return { header, judge };
}

function listed(header: string): string[] {
  return header.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];
}
