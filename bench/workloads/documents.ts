/** The seven fields of a typical list. */
const SEVEN_FIELDS = 'groupId businessNumber subject description status profilePictureUrl participantCount';

export const LIST = `query List($space: ID!, $number: String!, $first: Int, $offset: Int) {
  chatGroups(custSpaceId: $space, businessNumber: $number, first: $first, offset: $offset) {
    totalCount
    nodes { ${SEVEN_FIELDS} }
  }
}`;

/** Every field that the gateway and its peers serve, except for the time of the listing. */
export const WHOLE_LIST = `query WholeList($space: ID!, $number: String!, $first: Int, $offset: Int) {
  chatGroups(custSpaceId: $space, businessNumber: $number, first: $first, offset: $offset) {
    totalCount
    stale
    pageInfo { hasNextPage hasPreviousPage }
    nodes { id custSpaceId channelType rawStatus inviteLink inviteLinkVisible groupType groupLink businessRole ${SEVEN_FIELDS} }
  }
}`;

export const SINGLE = `query Single($id: ID!) {
  chatGroup(id: $id) { id ${SEVEN_FIELDS} }
}`;

export const UPDATE = `mutation Update($input: UpdateChatGroupInput!) {
  updateChatGroup(input: $input) { chatGroup { ${SEVEN_FIELDS} } }
}`;
