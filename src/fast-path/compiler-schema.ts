import { type GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema, isObjectType } from 'graphql';
import type { RecordingContext } from './recorded-results.js';

/**
 * Returns the schema for compiling queries. Its root fields take no arguments, because they are resolved beforehand.
 * Afterwards the resolvers of both schemas use recorded results if the context of a request records them.
 */
export function compilerSchema(schema: GraphQLSchema): GraphQLSchema {
  const { query, mutation, types, ...rest } = schema.toConfig();
  const own = types.filter(isObjectType).filter((type) => type !== mutation && !type.name.startsWith('__'));
  for (const field of own.flatMap((type) => Object.values(type.getFields())))
    if (field.resolve) field.resolve = recording(field.resolve);
  const { fields, ...config } = query?.toConfig() ?? { name: 'Query', fields: {} };
  const bare = Object.entries(fields).map(([name, field]) => [name, { ...field, args: {} }] as const);
  return new GraphQLSchema({
    ...rest,
    mutation,
    query: new GraphQLObjectType({ ...config, fields: Object.fromEntries(bare) }),
    types: types.filter((type) => type !== query),
    assumeValid: true,
  });
}

function recording(
  resolve: GraphQLFieldResolver<unknown, unknown>,
): GraphQLFieldResolver<unknown, RecordingContext> {
  return (parent, args, context, info) => {
    const run = (): unknown => resolve(parent, args, context, info);
    return context.recorded ? context.recorded.once(parent, info.path.key, run) : run();
  };
}
