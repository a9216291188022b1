import {
  type ConstDirectiveNode,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/**
 * A selection of its own: fragments are written out where they are spread, and what a literal `@skip` or `@include`
 * decides is decided. No node of it stands in two places: the compiler keeps the conditions of a field with its node,
 * and counts a fragment that is spread twice once, whatever the condition of the first.
 */
export function inlineFragments(selectionSet: SelectionSetNode, fragments: Fragments): SelectionSetNode {
  const selections = selectionSet.selections.flatMap((node): SelectionNode[] => {
    const directives = openDirectives(node.directives ?? []);
    if (!directives) return [];
    switch (node.kind) {
      case Kind.FIELD:
        return [
          node.selectionSet
            ? { ...node, directives, selectionSet: inlineFragments(node.selectionSet, fragments) }
            : { ...node, directives },
        ];
      case Kind.INLINE_FRAGMENT:
        return [{ ...node, directives, selectionSet: inlineFragments(node.selectionSet, fragments) }];
      case Kind.FRAGMENT_SPREAD: {
        const fragment = fragments.get(node.name.value);
        if (!fragment) return [];
        const { typeCondition, selectionSet } = fragment;
        return [
          {
            kind: Kind.INLINE_FRAGMENT,
            typeCondition,
            directives,
            selectionSet: inlineFragments(selectionSet, fragments),
          },
        ];
      }
    }
  });
  return { ...selectionSet, selections };
}

/** Whether a field is selected more than once, and not always: the compiler mistakes its place and its locations. */
export function mergesConditionally(selectionSets: readonly SelectionSetNode[]): boolean {
  const places = selectionSets.flatMap((selectionSet) => placesOf(selectionSet, false));
  const fields = Map.groupBy(places, ({ node }) => node.alias?.value ?? node.name.value);
  return [...fields.values()].some((same) => {
    if (same.length > 1 && same.some(({ conditional }) => conditional)) return true;
    return mergesConditionally(same.flatMap(({ node }) => node.selectionSet ?? []));
  });
}

interface Place {
  readonly node: FieldNode;
  readonly conditional: boolean;
}

function placesOf({ selections }: SelectionSetNode, within: boolean): Place[] {
  return selections.flatMap((node): Place[] => {
    const conditional = within || (node.directives?.length ?? 0) > 0;
    if (node.kind === Kind.FIELD) return [{ node, conditional }];
    return node.kind === Kind.INLINE_FRAGMENT ? placesOf(node.selectionSet, conditional) : [];
  });
}

/** The conditions that only variables decide; `undefined` if a literal leaves the selection out. */
function openDirectives(directives: readonly DirectiveNode[]): readonly DirectiveNode[] | undefined {
  const decided = directives.filter((node): node is ConstDirectiveNode => literal(node) !== undefined);
  if (decided.some((node) => literal(node) === (node.name.value === 'skip'))) return undefined;
  return directives.filter((node) => literal(node) === undefined);
}

function literal({ arguments: given = [] }: DirectiveNode): boolean | undefined {
  const value = given[0]?.value;
  return value?.kind === Kind.BOOLEAN ? value.value : undefined;
}
