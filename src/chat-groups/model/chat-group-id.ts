import { notFound } from '../../errors/gateway-error.js';

/** Where a group is: the scope that lists it, and its id there. */
export interface ChatGroupLocation {
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly groupId: string;
}

const VERSION = 'g1';
const SEPARATOR = '\u0000';

/** Makes the opaque id of the GraphQL surface. */
export function encodeChatGroupId({ custSpaceId, businessNumber, groupId }: ChatGroupLocation): string {
  return Buffer.from([VERSION, custSpaceId, businessNumber, groupId].join(SEPARATOR)).toString('base64url');
}

/** Reads an opaque id; `undefined` for whatever {@link encodeChatGroupId} did not make. */
export function decodeChatGroupId(id: string): ChatGroupLocation | undefined {
  const [version, custSpaceId, businessNumber, groupId, ...more] = Buffer.from(id, 'base64url')
    .toString('utf8')
    .split(SEPARATOR);
  if (version !== VERSION || !custSpaceId || !businessNumber || !groupId || more.length > 0) return undefined;
  const location = { custSpaceId, businessNumber, groupId };
  return encodeChatGroupId(location) === id ? location : undefined;
}

/** Where an opaque id points. Throws `NOT_FOUND` for what is none. */
export function locateChatGroup(id: string): ChatGroupLocation {
  const location = decodeChatGroupId(id);
  if (!location) throw notFound();
  return location;
}
