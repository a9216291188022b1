import type { Group } from '../group.js';

/** The fields that the GraphQL list of the benchmark selects. */
export function sevenFieldsOf({
  groupId,
  businessNumber,
  subject,
  description,
  status,
  profilePictureUrl,
  participantCount,
}: Group) {
  return { groupId, businessNumber, subject, description, status, profilePictureUrl, participantCount };
}
