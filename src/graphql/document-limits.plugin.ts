import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { GraphQLError, Kind, type OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { GatewayError } from '../errors/gateway-error.js';
import { errorFields, errorHeaders } from '../errors/problem-details.js';
import type { GraphqlContext } from '../request/graphql-context.js';
import type { LoadShedding } from '../telemetry/load-shedding.js';
import { judgedCost } from './document-cost.js';
import { redactName } from '../util/redaction.js';

const MAX_LABEL = 100;
/** More would not be shown, whatever is hidden in it. */
const MAX_READ = 512;

/** Refuses documents beyond the limits of their cost, and counts many calls and large responses towards those of the tenant. */
export function documentLimits(shedding: LoadShedding): ApolloServerPlugin<GraphqlContext> {
  return {
    requestDidStart: async ({ contextValue: { req } }) => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        // Apollo refuses the request if it names no operation of the document.
        if (!operation) return;
        req.gateway.noteOperation(operation.operation, operationLabel(operation));
        try {
          const cost = judgedCost({ schema, document, operation }, request.variables ?? {});
          if (cost.refusal !== undefined) throw new GatewayError('QUERY_REFUSED', cost.refusal);
          if (operation.operation === OperationTypeNode.MUTATION || cost.units > 1)
            shedding.admit(req.gateway);
          if (cost.places > 1) await req.usage?.countAs(cost);
          if (cost.units > 1) await shedding.turn(req.gateway);
        } catch (error) {
          throw error instanceof GatewayError ? refused(error, req.gateway.requestId) : error;
        }
      },
    }),
  };
}

/** Returns the operation's name or root fields for the log. Masks digits, in case the name contains a phone number. */
export function operationLabel({ name, selectionSet }: OperationDefinitionNode): string {
  const fields = selectionSet.selections.flatMap((node) =>
    node.kind === Kind.FIELD ? [node.name.value] : [],
  );
  return redactName(name?.value ?? fields.join(','), MAX_READ).slice(0, MAX_LABEL);
}

/** Returns the error with the status and headers that Apollo sends for a request refused as a whole. */
function refused(error: GatewayError, requestId: string): GraphQLError {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(errorHeaders(error))) headers.set(name.toLowerCase(), value);
  const fields = errorFields(error, requestId);
  return new GraphQLError(error.detail, {
    extensions: { ...fields, http: { status: error.status, headers } },
  });
}
