import { GraphQLError, parse } from 'graphql';
import { hasMoreValues } from '../util/has-more-values.js';
import { GatewayError, validationFailed } from '../errors/gateway-error.js';
import { shapeFault } from './document-shape.js';

export const MAX_TOKENS = 1_000;
/** graphql-js counts the lines before each of up to 20 errors: 30,000 empty ones would take 45 ms. */
const MAX_LINES = 1_000;
/** graphql-js quotes the whole value in each of up to 50 errors: 480 unknown fields would take 11 ms. */
const MAX_VARIABLE_VALUES = 100;

/** Throws `QUERY_REFUSED` for a document whose shape is beyond the limits. Leaves syntax errors to Apollo. */
export function refuseShape(query: string): void {
  const fault = faultOf(query);
  if (fault !== undefined) throw new GatewayError('QUERY_REFUSED', fault);
}

function faultOf(query: string): string | undefined {
  if (hasMoreLines(query, MAX_LINES)) return `The document has more than ${MAX_LINES} lines.`;
  try {
    return shapeFault(parse(query, { maxTokens: MAX_TOKENS, noLocation: true }));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes(`${MAX_TOKENS} tokens`))
      return `The document has more than ${MAX_TOKENS} tokens. Send fewer fields, or several requests.`;
    // Apollo parses it again and reports the error.
    return undefined;
  }
}

function hasMoreLines(text: string, max: number): boolean {
  const ends = text.matchAll(/\r\n|[\n\r]/g);
  for (let lines = 1; !ends.next().done; lines += 1) if (lines === max) return true;
  return false;
}

/** Throws `VALIDATION_FAILED` for variables with too many values. Counts the fields of objects and the elements of lists. */
export function refuseManyVariables(variables: unknown): void {
  if (!hasMoreValues(variables, MAX_VARIABLE_VALUES)) return;
  const message = `must have at most ${MAX_VARIABLE_VALUES} fields and elements`;
  throw validationFailed([{ field: 'variables', message }]);
}
