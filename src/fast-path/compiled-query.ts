import {
  type DefinitionNode,
  type ExecutionResult,
  type FieldNode,
  type FragmentSpreadNode,
  type GraphQLField,
  Kind,
  type SelectionNode,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Variables } from '../graphql/selected-operation.js';
import type { MaybePromise } from '../util/maybe-promise.js';
import type { AdmittedQuery } from './admitted-queries.plugin.js';
import type { RecordingContext } from './recorded-results.js';

/** A root field, resolved before the compiled query runs, with its arguments as sent by the caller. */
export interface RootField {
  readonly responseKey: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
}

/** A query compiled for one set of conditions. It takes its root values from the recorded results of the context. */
export interface CompiledQuery {
  readonly roots: readonly RootField[];
  /** Whether a resolver below the root is called. */
  readonly callsResolvers: boolean;
  readonly execute: (context: RecordingContext) => MaybePromise<ExecutionResult>;
}

/** Compiles a query. `undefined` if it is left to Apollo: introspection, arguments below the root, null conditions. */
export function compile(query: AdmittedQuery, variables: Variables): CompiledQuery | undefined {
  const prepared = prepare(query, variables);
  if (prepared.isBeyond) return undefined;
  const compiled = compileQuery(query.compilerSchema, prepared.document);
  if (!isCompiledQuery(compiled)) return undefined;
  return {
    roots: [...prepared.roots.values()],
    callsResolvers: prepared.callsResolvers,
    execute: (context) => compiled.query(undefined, context, {}),
  };
}

/**
 * Evaluates `@skip` and `@include` and removes the arguments of root fields. The compiled document must contain no
 * directives and no caller input, because the compiler would write them into the source of its function.
 */
function prepare({ schema, document, operation }: AdmittedQuery, variables: Variables) {
  const types = new TypeInfo(schema);
  const roots = new Map<string, RootField>();
  const seen = { callsResolvers: false, isBeyond: false };
  const kept = <T extends SelectionNode>(node: T): T | null => {
    const included = isIncluded(node, variables);
    seen.isBeyond ||= included === undefined;
    return included ? { ...node, directives: [] } : null;
  };
  const field = (node: FieldNode): FieldNode | null => {
    const bare = kept(node);
    const definition = bare && types.getFieldDef();
    if (!definition || definition.name === '__typename') return bare;
    const responseKey = node.alias?.value ?? node.name.value;
    if (definition.name.startsWith('__')) seen.isBeyond = true;
    // Validation ensures that fields with the same response key are the same field.
    else if (types.getParentType() === schema.getQueryType())
      roots.set(responseKey, roots.get(responseKey) ?? { responseKey, field: definition, node });
    else if (node.arguments?.length) seen.isBeyond = true;
    else if (definition.resolve) seen.callsResolvers = true;
    return { ...bare, arguments: [] };
  };
  const spreads = new Set<string>();
  const spread = (node: FragmentSpreadNode): FragmentSpreadNode | null => {
    const bare = kept(node);
    if (bare) spreads.add(bare.name.value);
    return bare;
  };
  const visitor = visitWithTypeInfo(types, { Field: field, FragmentSpread: spread, InlineFragment: kept });
  const definitions: DefinitionNode[] = [visit({ ...operation, variableDefinitions: [] }, visitor)];
  // Only include fragments that are still spread, also within fragments: excluded ones must not call anything.
  for (const name of spreads) {
    const fragment = document.definitions.find(
      (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name,
    );
    if (fragment) definitions.push(visit(fragment, visitor));
  }
  return { document: { kind: Kind.DOCUMENT, definitions } as const, roots, ...seen };
}

/** Returns whether the selection is included; `undefined` if a condition is null. */
function isIncluded({ directives = [] }: SelectionNode, variables: Variables): boolean | undefined {
  let isKept = true;
  for (const { name, arguments: [condition] = [] } of directives) {
    const value = condition && valueFromASTUntyped(condition.value, variables);
    if (typeof value !== 'boolean') return undefined;
    isKept &&= value === (name.value === 'include');
  }
  return isKept;
}
