import { hash } from 'node:crypto';
import { GatewayError, validationFailed } from '../../errors/gateway-error.js';
import { isListOfTags, isSameState, tagsIn } from '../../util/entity-tag.js';

/** Returns a strong entity tag of the JSON of a representation. Source: RFC 9110, section 8.8.3. */
export function etag(representation: object): string {
  return `"${hash('sha256', JSON.stringify(representation), 'base64url').slice(0, 22)}"`;
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
 * throws `PRECONDITION_FAILED` unless a tag names the current state. The strong comparison that RFC 9110 requires would
 * refuse every tag that a compressing proxy has weakened, although all variants of a state have the same content.
 */
export function ifMatch(header: string | undefined): Precondition | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return { header, judge: () => undefined };
  const tags = tagsIn(header);
  if (!isListOfTags(header))
    throw validationFailed([{ field: 'If-Match', message: 'must be * or a list of entity tags' }]);
  const judge = (representation: object): void => {
    const current = etag(representation);
    if (tags.some((tag) => isSameState(tag, current))) return;
    throw new GatewayError(
      'PRECONDITION_FAILED',
      'The group has changed: its entity tag does not match If-Match. Read the group again.',
    );
  };
  return { header, judge };
}
