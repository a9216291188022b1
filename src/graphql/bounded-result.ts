import type { ApolloServerPlugin } from '@apollo/server';
import { GatewayError } from '../errors/gateway-error.js';
import { errorFields } from '../errors/problem-details.js';
import type { GraphqlContext } from '../request/graphql-context.js';
import { MAX_JSON_BYTES, exceedsJsonLimit } from '../util/bounded-json.js';

/** Returns the error for a result that is too large to be sent, although that was not predicted; `undefined` if it is not. */
export function sizeFault(result: object): GatewayError | undefined {
  if (!exceedsJsonLimit(result)) return undefined;
  return new GatewayError(
    'QUERY_REFUSED',
    `The response would have more than ${MAX_JSON_BYTES / 1024} KiB. Request fewer rows or select fewer fields.`,
  );
}

/** Replaces a result that is too large by an error, before Apollo serialises it. */
export function boundedResult(): ApolloServerPlugin<GraphqlContext> {
  return {
    requestDidStart: async ({ contextValue: { req } }) => ({
      willSendResponse: async ({ response: { body, http } }) => {
        const fault = body.kind === 'single' ? sizeFault(body.singleResult) : undefined;
        if (!fault || body.kind !== 'single') return;
        req.gateway.noteError(fault.code, fault.status);
        const extensions = { ...errorFields(fault, req.gateway.requestId) };
        body.singleResult = { errors: [{ message: fault.detail, extensions }] };
        http.status = fault.status;
      },
    }),
  };
}
