import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';

/** A validated document, and the operation in it to execute. */
export interface SelectedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export type Variables = Readonly<Record<string, unknown>>;
