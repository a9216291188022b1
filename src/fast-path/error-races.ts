import {
  type GraphQLSchema,
  type OperationDefinitionNode,
  TypeInfo,
  isNonNullType,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/**
 * Whether it depends on time which errors are told beside one that takes the whole answer away: graphql-js answers as
 * soon as a root field that cannot be null has failed, with the errors until then; a compiled query waits for all.
 */
export function racesForErrors(schema: GraphQLSchema, operation: OperationDefinitionNode): boolean {
  const typeInfo = new TypeInfo(schema);
  const queryType = schema.getQueryType();
  const roots = new Set<string>();
  let takesAll = false;
  let fails = false;
  visit(
    operation,
    visitWithTypeInfo(typeInfo, {
      Field: (node) => {
        const field = typeInfo.getFieldDef();
        // What tells of the schema fails never.
        if (!field || field.name.startsWith('__')) return false;
        if (!field.resolve) return undefined;
        const atRoot = typeInfo.getParentType() === queryType;
        if (atRoot) roots.add(node.alias?.value ?? node.name.value);
        if (!isNonNullType(field.type)) fails = true;
        else if (atRoot) takesAll = true;
        return undefined;
      },
    }),
  );
  return roots.size > 1 && takesAll && fails;
}
