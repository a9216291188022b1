import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';

/** A validated document, and which of its operations is meant. */
export interface SelectedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export type Variables = Readonly<Record<string, unknown>>;
