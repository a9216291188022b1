import type {
  DocumentNode,
  ExecutionResult,
  GraphQLError,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';

/** A validated document, and which of its operations is meant. */
export interface SelectedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export type Variables = Readonly<Record<string, unknown>>;

/** What graphql-js' `execute` would have returned: `errors` as they were thrown, not formatted yet. */
export interface CompiledResult {
  readonly data: ExecutionResult['data'];
  readonly errors?: readonly GraphQLError[];
}
