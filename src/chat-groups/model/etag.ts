import { hash } from 'node:crypto';
import { GatewayError, validationFailed } from '../../errors/gateway-error.js';

/** A strong entity tag over the JSON of a representation. Source: RFC 9110, section 8.8.3. */
export function etag(representation: object): string {
  return `"${hash('sha256', JSON.stringify(representation), 'base64url').slice(0, 22)}"`;
}

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const LIST_OF_TAGS = new RegExp(String.raw`^\s*${TAG}(?:\s*,\s*${TAG})*\s*$`);

/** Whether `If-None-Match` names the tag: weak comparison, as RFC 9110 asks for it there. */
export function noneMatchHits(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || listed(header).some((candidate) => candidate.replace(/^W\//, '') === tag);
}

/** A precondition that a group must meet before it is written to. */
export interface Precondition {
  /** As it was asked for. */
  readonly header: string;
  /** Throws `PRECONDITION_FAILED`. */
  judge(representation: object): void;
}

/**
 * Reads `If-Match`. The precondition throws `PRECONDITION_FAILED` unless a tag matches by strong comparison;
 * a header that is no list of tags throws `VALIDATION_FAILED` at once.
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
      'The group has changed since the representation in If-Match.',
    );
  };
  return { header, judge };
}

function listed(header: string): string[] {
  return header.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];
}
