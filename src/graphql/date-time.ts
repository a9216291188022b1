import { type GraphQLSchema, isScalarType } from 'graphql';

/** Names the specification of `DateTime` in the schema, so that tools of clients know its format. Nest declares none. */
export function withSpecifiedDateTime(schema: GraphQLSchema): GraphQLSchema {
  const type = schema.getType('DateTime');
  if (isScalarType(type)) type.specifiedByURL = 'https://scalars.graphql.org/andimarek/date-time';
  return schema;
}
