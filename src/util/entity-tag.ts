import { CONTENT_CODINGS, type ContentCoding } from './content-coding.js';

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const TAGS = new RegExp(TAG, 'g');
// Recipients must ignore empty elements. Source: RFC 9110, section 5.6.1.
const LIST_OF_TAGS = new RegExp(String.raw`^[\s,]*${TAG}(?:\s*,[\s,]*${TAG})*[\s,]*$`);

/** Returns the strong tag of a compressed variant: its bytes differ, so its tag has to differ, too. */
export function variantTag(tag: string, coding: ContentCoding | undefined): string {
  return coding === undefined ? tag : `${tag.slice(0, -1)}-${coding}"`;
}

/**
 * Returns whether a tag from a client names the same state as `tag`: the tag itself or that of a compressed variant,
 * with or without the `W/` that proxies add when they compress.
 */
export function isSameState(candidate: string, tag: string): boolean {
  const strong = candidate.replace(/^W\//, '');
  return strong === tag || CONTENT_CODINGS.some((coding) => strong === variantTag(tag, coding));
}

/** Returns the entity tags in a header, ignoring anything else. */
export function tagsIn(header: string): string[] {
  return header.match(TAGS) ?? [];
}

/** Returns whether a header is a list of entity tags and nothing else. */
export function isListOfTags(header: string): boolean {
  return LIST_OF_TAGS.test(header);
}

/** Returns whether `If-None-Match` matches the state that `tag` names, in any variant. */
export function noneMatchHits(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  // Most clients send back the one tag that they have.
  if (header === tag) return true;
  return header.trim() === '*' || tagsIn(header).some((candidate) => isSameState(candidate, tag));
}
