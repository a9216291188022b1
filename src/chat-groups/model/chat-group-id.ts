import { notFound } from '../../errors/gateway-error.js';

/** Location of a group: the scope that lists it, and its id in that scope. */
export interface ChatGroupLocation {
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly groupId: string;
}

const VERSION = 'g1';
const SEPARATOR = '\u0000';

/** Returns the opaque id that GraphQL uses. */
export function encodeChatGroupId({ custSpaceId, businessNumber, groupId }: ChatGroupLocation): string {
  return Buffer.from([VERSION, custSpaceId, businessNumber, groupId].join(SEPARATOR)).toString('base64url');
}

/** Decodes an opaque id. Returns `undefined` for anything that {@link encodeChatGroupId} did not return. */
export function decodeChatGroupId(id: string): ChatGroupLocation | undefined {
  const [version, custSpaceId, businessNumber, groupId, ...more] = Buffer.from(id, 'base64url')
    .toString('utf8')
    .split(SEPARATOR);
  if (version !== VERSION || !custSpaceId || !businessNumber || !groupId || more.length > 0) return undefined;
  const location = { custSpaceId, businessNumber, groupId };
  return encodeChatGroupId(location) === id ? location : undefined;
}

/** Returns the location in an opaque id. Throws `NOT_FOUND` if the id is invalid. */
export function locateChatGroup(id: string): ChatGroupLocation {
  const location = decodeChatGroupId(id);
  if (!location) throw notFound();
  return location;
}
