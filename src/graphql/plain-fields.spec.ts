import { expect, it } from '@jest/globals';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { withPlainFields } from './plain-fields.js';

/** Named like Nest's own resolvers. */
function readingResolver(property: string, otherwise?: string) {
  return function rootFieldResolver(root: Readonly<Record<string, unknown>>): unknown {
    return root[property] ?? otherwise;
  };
}

it('removes only resolvers that read the property named like the field', () => {
  const fields = {
    plain: { type: GraphQLString, resolve: readingResolver('plain') },
    renamed: { type: GraphQLString, resolve: readingResolver('another') },
    defaulted: { type: GraphQLString, resolve: readingResolver('defaulted', 'a default') },
    own: { type: GraphQLString, resolve: (root: { own: unknown }) => root.own },
  };
  const query = new GraphQLObjectType({ name: 'Query', fields });
  withPlainFields(new GraphQLSchema({ query }));
  const left = Object.values(query.getFields()).filter(({ resolve }) => resolve);
  expect(left.map(({ name }) => name)).toEqual(['renamed', 'defaulted', 'own']);
});
