import { gql } from '@urql/core';

export interface Group {
  readonly id: string;
  readonly subject: string | null;
  readonly etag: string;
}

export interface ListData {
  readonly chatGroups: {
    readonly totalCount: number;
    readonly edges: readonly { readonly node: Group }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

interface ListVariables {
  readonly businessNumber: string;
  readonly after: string | null;
}

export const LIST = gql<ListData, ListVariables>`
  query List($businessNumber: String!, $after: String) {
    chatGroups(businessNumber: $businessNumber, first: 20, after: $after) {
      totalCount
      edges {
        node {
          id
          subject
          etag
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

interface CreateData {
  readonly createChatGroup: {
    readonly operation: { readonly id: string; readonly status: string };
    readonly chatGroup: Group | null;
  };
}

interface CreateInput {
  readonly businessNumber: string;
  readonly subject: string;
  readonly idempotencyKey: string;
}

export const CREATE = gql<CreateData, { readonly input: CreateInput }>`
  mutation Create($input: CreateChatGroupInput!) {
    createChatGroup(input: $input) {
      operation {
        id
        status
      }
      chatGroup {
        id
        subject
        etag
      }
    }
  }
`;

interface UpdateData {
  readonly updateChatGroup: { readonly chatGroup: Group | null };
}

interface UpdateInput {
  readonly id: string;
  readonly subject: string;
  readonly ifMatch: string;
  readonly idempotencyKey: string;
}

export const UPDATE = gql<UpdateData, { readonly input: UpdateInput }>`
  mutation Update($input: UpdateChatGroupInput!) {
    updateChatGroup(input: $input) {
      chatGroup {
        id
        subject
        etag
      }
    }
  }
`;

interface OperationData {
  readonly operation: {
    readonly id: string;
    readonly status: string;
    readonly chatGroup: Group | null;
  } | null;
}

export const OPERATION = gql<OperationData, { readonly id: string }>`
  query Operation($id: ID!) {
    operation(id: $id) {
      id
      status
      chatGroup {
        id
        subject
        etag
      }
    }
  }
`;

interface DeleteInput {
  readonly id: string;
  readonly idempotencyKey: string;
}

export const DELETE = gql<
  { readonly deleteChatGroup: { readonly deletedId: string } },
  { readonly input: DeleteInput }
>`
  mutation Delete($input: DeleteChatGroupInput!) {
    deleteChatGroup(input: $input) {
      deletedId
    }
  }
`;
