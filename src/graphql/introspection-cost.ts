import { type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import type { FieldCost } from './field-cost.js';

const costs = new WeakMap<GraphQLSchema, Readonly<Record<string, FieldCost>>>();

/** Returns the cost of introspection fields by name, from the averages of the schema itself. */
export function introspectionCost(schema: GraphQLSchema): Readonly<Record<string, FieldCost>> {
  const known = costs.get(schema) ?? averages(schema);
  costs.set(schema, known);
  return known;
}

function averages(schema: GraphQLSchema): Readonly<Record<string, FieldCost>> {
  const types = Object.values(schema.getTypeMap());
  const fields = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [],
  );
  const inputs = types.flatMap((type) => (isInputObjectType(type) ? Object.values(type.getFields()) : []));
  const values = types.flatMap((type) => (isEnumType(type) ? type.getValues() : []));
  const perType = (all: readonly unknown[]): FieldCost => ({ elements: all.length / types.length });
  const args = fields.flatMap((field) => field.args);
  const described = [...types, ...fields, ...inputs, ...values, ...args];
  const characters = described.reduce((sum, { description }) => sum + (description?.length ?? 4), 0);
  return Object.assign(Object.create(null) as Record<string, FieldCost>, {
    types: { elements: types.length },
    directives: { elements: schema.getDirectives().length },
    locations: { elements: 4 },
    fields: perType(fields),
    inputFields: perType(inputs),
    enumValues: perType(values),
    args: { elements: Math.max(1, args.length / fields.length) },
    interfaces: { elements: 0.5 },
    possibleTypes: { elements: 0.5 },
    // Most types are wrapped once or not at all, although clients ask for many levels.
    ofType: { elements: 0.4 },
    description: { bytes: characters / described.length },
    name: { bytes: 20 },
    kind: { bytes: 14 },
  });
}
