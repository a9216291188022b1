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
/** Upstream calls that one document may cause: each costs a share of the account's quota. */
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

/** Whether no variables could take a request with this document beyond its limits. */
export function isAlwaysWithinLimits(selected: SelectedOperation): boolean {
  return judge(selected, 'any') === undefined;
}

/** Whether a request with these variables, as they were sent, is within its limits. */
export function isWithinLimits(selected: SelectedOperation, variables: Variables): boolean {
  return judge(selected, variables) === undefined;
}

/** Name of the operation, else of its root fields, for the log; a caller may have put a phone number into it. */
export function operationLabel({ name, selectionSet }: OperationDefinitionNode): string {
  const fields = selectionSet.selections.flatMap((node) =>
    node.kind === Kind.FIELD ? [node.name.value] : [],
  );
  return (name?.value ?? fields.join(',')).replace(/\d{5,}/g, '*****').slice(0, MAX_LABEL);
}

function judge(selected: SelectedOperation, variables: Variables | 'any'): string | undefined {
  const { schema, operation } = selected;
  if (!schema.getRootType(operation.operation)) return `There is no ${operation.operation}.`;
  const upstreamCalls = new UpstreamCalls(selected, variables);
  const roots = upstreamCalls.rootFields().length;
  const limit = operation.operation === OperationTypeNode.MUTATION ? MAX_MUTATIONS : MAX_ROOT_FIELDS;
  if (roots > limit) {
    return `A document may have ${limit} root ${limit === 1 ? 'field' : 'fields'} of this kind; this one has ${roots}.`;
  }
  const calls = upstreamCalls.predicted();
  if (calls <= MAX_UPSTREAM_CALLS) return undefined;
  return `The document would cause about ${calls} upstream calls; ${MAX_UPSTREAM_CALLS} are allowed. Ask for fewer participants at once.`;
}

function refused(detail: string): GraphQLError {
  const fields = errorFields(
    new GatewayError('QUERY_REFUSED', detail),
    currentRequest.getStore()?.requestId ?? '',
  );
  return new GraphQLError(detail, { extensions: { ...fields, http: { status: 400 } } });
}
