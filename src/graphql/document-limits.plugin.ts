import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, Kind, type OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { GatewayError } from '../errors/gateway-error.js';
import { errorFields } from '../errors/problem-details.js';
import { currentRequest } from '../request/request-context.js';
import type { SelectedOperation, Variables } from './selected-operation.js';
import { UpstreamCalls } from './upstream-calls.js';

const MAX_ROOT_FIELDS = 5;
const MAX_MUTATIONS = 1;
const MAX_LABEL = 100;
/** Maximum upstream calls per document: each one uses a share of the account's quota. */
export const MAX_UPSTREAM_CALLS = 60;

/** Refuses documents with too many root fields, more than one mutation, or too many predicted upstream calls. */
export function documentLimits(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        const context = currentRequest.getStore();
        if (context && operation) context.operation = operationLabel(operation);
        const refusal =
          document && operation && judge({ schema, document, operation }, request.variables ?? {});
        if (refusal !== undefined) throw refused(refusal);
      },
    }),
  };
}

/** Returns whether a request with this document is within the limits for all possible variables. */
export function isAlwaysWithinLimits(selected: SelectedOperation): boolean {
  return judge(selected, 'any') === undefined;
}

/** Returns whether a request with these variables, as sent, is within the limits. */
export function isWithinLimits(selected: SelectedOperation, variables: Variables): boolean {
  return judge(selected, variables) === undefined;
}

/** Returns the operation's name or root fields for the log. Masks digits, in case the name contains a phone number. */
export function operationLabel({ name, selectionSet }: OperationDefinitionNode): string {
  const fields = selectionSet.selections.flatMap((node) =>
    node.kind === Kind.FIELD ? [node.name.value] : [],
  );
  return (name?.value ?? fields.join(',')).replace(/\d{5,}/g, '*****').slice(0, MAX_LABEL);
}

function judge(selected: SelectedOperation, variables: Variables | 'any'): string | undefined {
  const { schema, operation } = selected;
  if (!schema.getRootType(operation.operation)) return `The schema has no ${operation.operation} operations.`;
  const upstreamCalls = new UpstreamCalls(selected, variables);
  const roots = upstreamCalls.rootFields().length;
  const limit = operation.operation === OperationTypeNode.MUTATION ? MAX_MUTATIONS : MAX_ROOT_FIELDS;
  if (roots > limit) {
    return `A document may have at most ${limit} root ${limit === 1 ? 'field' : 'fields'} of this operation type; this one has ${roots}.`;
  }
  const calls = upstreamCalls.predicted();
  if (calls <= MAX_UPSTREAM_CALLS) return undefined;
  return `The document would cause about ${calls} upstream calls; the limit is ${MAX_UPSTREAM_CALLS}. Select the participants of fewer groups.`;
}

function refused(detail: string): GraphQLError {
  const fields = errorFields(
    new GatewayError('QUERY_REFUSED', detail),
    currentRequest.getStore()?.requestId ?? '',
  );
  return new GraphQLError(detail, { extensions: { ...fields, http: { status: 400 } } });
}
