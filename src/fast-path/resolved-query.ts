import {
  type ExecutionResult,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  getArgumentValues,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type CompiledQuery as Compiled, compileQuery, isCompiledQuery } from 'graphql-jit';
import { contentOf } from '../util/content.js';
import type { GraphqlContext } from '../request/graphql-context.js';
import type { NormalizedOperation } from './normalize-operation.js';
import type { Variables } from '../graphql/selected-operation.js';

type RootField = GraphQLField<unknown, unknown>;

/** By root field, what resolves it as its resolver in the schema does, at less cost. */
export type FastResolvers = ReadonlyMap<string, GraphQLFieldResolver<unknown, GraphqlContext>>;

/** What the root field was resolved to, before anything was made of it. */
export interface Resolved {
  /** The query makes equal answers of equal contents; `undefined` if that cannot be told. */
  readonly content: object | undefined;
  readonly complete: () => Promise<ExecutionResult>;
}

/**
 * A query of one root field whose answer depends on nothing but what that field resolves to, for want of other
 * resolvers. It is resolved first, so that an answer that was made of the same can be sent again.
 */
export class ResolvedQuery {
  private constructor(
    private readonly field: RootField,
    private readonly info: Omit<GraphQLResolveInfo, 'variableValues'>,
    private readonly node: FieldNode,
    private readonly compiled: Compiled,
  ) {}

  /** `undefined` for every other query. */
  static compile(schema: GraphQLSchema, compilable: NormalizedOperation): ResolvedQuery | undefined {
    const { document, operation } = compilable;
    const parentType = schema.getQueryType();
    const [node, ...others] = operation.selectionSet.selections;
    if (!parentType || node?.kind !== Kind.FIELD || others.length > 0 || node.directives?.length)
      return undefined;
    const field = parentType.getFields()[node.name.value];
    if (!field?.resolve || !dependsOnRootOnly(schema, parentType, operation)) return undefined;
    const compiled = compileQuery(resolvedSchema(schema, parentType), document, operation.name?.value);
    if (!isCompiledQuery(compiled)) return undefined;
    const info = {
      fieldName: field.name,
      fieldNodes: [node],
      returnType: field.type,
      parentType,
      path: { prev: undefined, key: node.alias?.value ?? field.name, typename: parentType.name },
      schema,
      fragments: {},
      rootValue: undefined,
      operation,
    };
    return new ResolvedQuery(field, info, node, compiled);
  }

  /** `undefined` if the arguments do not fit: nothing was resolved. */
  resolve(
    contextValue: GraphqlContext,
    variables: Variables,
    direct: FastResolvers,
  ): Promise<Resolved> | undefined {
    const args = argumentsOf(this.field, this.node, variables);
    const resolver = direct.get(this.field.name) ?? this.field.resolve;
    return args && this.#resolve(args, contextValue, variables, resolver);
  }

  async #resolve(
    args: Variables,
    contextValue: GraphqlContext,
    variables: Variables,
    resolver: GraphQLFieldResolver<unknown, GraphqlContext> | undefined,
  ): Promise<Resolved> {
    const complete = (value: unknown) => () => this.#complete(value, contextValue, variables);
    try {
      const info = { ...this.info, variableValues: variables };
      const value: unknown = await resolver?.(undefined, args, contextValue, info);
      return { content: contentOf(value), complete: complete(value) };
    } catch (error) {
      return { content: undefined, complete: complete(Promise.reject(error)) };
    }
  }

  async #complete(value: unknown, contextValue: object, variables: Variables): Promise<ExecutionResult> {
    return this.compiled.query({ [this.field.name]: value }, contextValue, variables);
  }
}

function argumentsOf(field: RootField, node: FieldNode, variables: Variables): Variables | undefined {
  try {
    return getArgumentValues(field, node, variables);
  } catch (error) {
    if (error instanceof GraphQLError) return undefined;
    throw error;
  }
}

function dependsOnRootOnly(
  schema: GraphQLSchema,
  queryType: GraphQLObjectType,
  operation: OperationDefinitionNode,
): boolean {
  const types = new TypeInfo(schema);
  let only = true;
  visit(
    operation,
    visitWithTypeInfo(types, {
      Field: (node) => {
        if (types.getParentType() === queryType || node.name.value === '__typename') return;
        if (types.getFieldDef()?.resolve) only = false;
      },
    }),
  );
  return only;
}

/** The schema with root fields that have been resolved: the root value holds them. */
function resolvedSchema(schema: GraphQLSchema, queryType: GraphQLObjectType): GraphQLSchema {
  const known = resolvedSchemas.get(schema);
  if (known) return known;
  const { fields, ...config } = queryType.toConfig();
  const resolvedFields = Object.entries(fields).map(([name, field]) => [
    name,
    { ...field, resolve: (root: Variables) => root[name] },
  ]);
  const { query: _, types, ...rest } = schema.toConfig();
  const resolved = new GraphQLSchema({
    ...rest,
    query: new GraphQLObjectType({ ...config, fields: Object.fromEntries(resolvedFields) }),
    types: types.filter((type) => type !== queryType),
    assumeValid: true,
  });
  resolvedSchemas.set(schema, resolved);
  return resolved;
}

const resolvedSchemas = new WeakMap<GraphQLSchema, GraphQLSchema>();
