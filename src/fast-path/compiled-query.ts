import {
  type DirectiveNode,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLSkipDirective,
  Kind,
  type SelectionNode,
  TypeInfo,
  getDirectiveValues,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type CompiledQuery as Compiled, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Variables } from '../graphql/selected-operation.js';
import type { MaybePromise } from '../util/maybe-promise.js';
import type { AdmittedQuery } from './admitted-queries.js';
import type { RecordingContext } from './recorded-results.js';

/** A root field, which is resolved before the compiled query runs. */
export interface RootField {
  readonly responseKey: string;
  readonly field: GraphQLField<unknown, unknown>;
  /** As the caller wrote it, with its arguments. */
  readonly node: FieldNode;
}

/** One query, for one choice of its conditions, compiled to a function of the values of its root fields. */
export class CompiledQuery {
  private constructor(
    readonly roots: readonly RootField[],
    /** Whether a resolver below the root is called. */
    readonly callsResolvers: boolean,
    private readonly compiled: Compiled,
  ) {}

  /** `undefined` for what is left to Apollo: arguments below the root, and introspection. */
  static compile(
    query: AdmittedQuery,
    schema: GraphQLSchema,
    variables: Variables,
  ): CompiledQuery | undefined {
    const preparing = new Preparing(query.schema, variables);
    const document = preparing.document(query);
    if (preparing.isBeyond) return undefined;
    const compiled = compileQuery(schema, document, query.operation.name?.value);
    if (!isCompiledQuery(compiled)) return undefined;
    return new CompiledQuery([...preparing.roots.values()], preparing.callsResolvers, compiled);
  }

  /** Over the root values that the context has recorded. */
  execute(context: RecordingContext): MaybePromise<ExecutionResult> {
    return this.compiled.query(undefined, context, {});
  }
}

/** The schema for compiled queries: root fields have been resolved, so they take no arguments. */
export function withoutRootArguments(schema: GraphQLSchema): GraphQLSchema {
  const { query, types, ...rest } = schema.toConfig();
  const { fields, ...config } = query?.toConfig() ?? { name: 'Query', fields: {} };
  const withoutArguments = Object.entries(fields).map(([name, field]) => [name, { ...field, args: {} }]);
  return new GraphQLSchema({
    ...rest,
    query: new GraphQLObjectType({ ...config, fields: Object.fromEntries(withoutArguments) }),
    types: types.filter((type) => type !== query),
    assumeValid: true,
  });
}

/**
 * Decides `@skip` and `@include`, and takes the arguments of root fields away: what is compiled holds no directive, and
 * no value of the caller, which the compiler would write into the source of its function.
 */
class Preparing {
  readonly roots = new Map<string, RootField>();
  callsResolvers = false;
  /** Whether it holds something that is not to be compiled. */
  isBeyond = false;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly variables: Variables,
  ) {}

  document({ document, operation }: AdmittedQuery): DocumentNode {
    const types = new TypeInfo(this.schema);
    const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
    const bare = { ...operation, variableDefinitions: [] };
    return visit<DocumentNode>(
      { kind: Kind.DOCUMENT, definitions: [bare, ...fragments] },
      visitWithTypeInfo(types, {
        Field: (node) => (this.#isIncluded(node) ? this.#field(node, types) : null),
        FragmentSpread: (node) => (this.#isIncluded(node) ? { ...node, directives: NONE } : null),
        InlineFragment: (node) => (this.#isIncluded(node) ? { ...node, directives: NONE } : null),
      }),
    );
  }

  #field(node: FieldNode, types: TypeInfo): FieldNode {
    const field = types.getFieldDef();
    const isRoot = types.getParentType() === this.schema.getQueryType();
    if (field?.name.startsWith('__') && field.name !== '__typename') this.isBeyond = true;
    else if (isRoot && field && field.name !== '__typename') this.#addRoot(node, field);
    else if (node.arguments?.length) this.isBeyond = true;
    else if (field?.resolve && field.name !== '__typename') this.callsResolvers = true;
    return { ...node, arguments: [], directives: NONE };
  }

  /** Fields with the same response key are one, as validation has made sure. */
  #addRoot(node: FieldNode, field: GraphQLField<unknown, unknown>): void {
    const responseKey = node.alias?.value ?? node.name.value;
    if (!this.roots.has(responseKey)) this.roots.set(responseKey, { responseKey, field, node });
  }

  #isIncluded(node: SelectionNode): boolean {
    const skip = getDirectiveValues(GraphQLSkipDirective, node, this.variables);
    if (skip?.['if'] === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, node, this.variables)?.['if'] !== false;
  }
}

const NONE: readonly DirectiveNode[] = [];
