import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

export const MAX_DEPTH = 8;
export const MAX_ALIASES = 15;
export const MAX_DIRECTIVES = 10;
export const MAX_NAME_CHARACTERS = 64;
/** Apollo validates all operations of a document, whichever is executed. */
export const MAX_OPERATIONS = 10;
/** Maximum selections of all operations with fragments expanded: few tokens can expand to very many. A full introspection has 150. */
export const MAX_SELECTIONS = 1_000;
/** Validation compares all selections of a response key in pairs: 900 of the same field would take 100 ms. */
export const MAX_REPETITIONS = 50;

/** Counts of a selection set, with its fragments expanded. */
interface Counts {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly selections: number;
}

const NOTHING: Counts = { depth: 0, aliases: 0, directives: 0, selections: 0 };

/**
 * Says which limit the shape of a document exceeds; `undefined` if none. Needs no schema and takes time in proportion to
 * the tokens, so it comes before validation, parts of which take time in proportion to their square.
 */
export function shapeFault(document: DocumentNode): string | undefined {
  if (hasLongName(document)) return `Names and aliases may have at most ${MAX_NAME_CHARACTERS} characters.`;
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operations.length > MAX_OPERATIONS) return over('has', operations.length, MAX_OPERATIONS, 'operations');
  const shape = new Shape(document);
  for (const operation of operations) {
    const fault = shape.fault(operation);
    if (fault !== undefined) return fault;
  }
  return shape.faultOfUnused();
}

function hasLongName(document: DocumentNode): boolean {
  let isLong = false;
  visit(document, {
    Name: ({ value }) => {
      isLong ||= value.length > MAX_NAME_CHARACTERS;
    },
  });
  return isLong;
}

/** The document may be invalid: fragments can be unknown or spread themselves. */
class Shape {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** `null` while the fragment is being counted. */
  readonly #counted = new Map<string, Counts | null>();
  #isCyclic = false;
  /** Of the operations so far. */
  #selections = 0;

  constructor({ definitions }: DocumentNode) {
    const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((node) => [node.name.value, node]));
  }

  /** Validation also takes its time for fragments that no operation uses, before it refuses the document for them. */
  faultOfUnused(): string | undefined {
    for (const [name, fragment] of this.#fragments) {
      if (this.#counted.has(name)) continue;
      const fault = this.fault(fragment);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  fault({
    selectionSet,
    directives = [],
    variableDefinitions = [],
  }: OperationDefinitionNode | FragmentDefinitionNode): string | undefined {
    const counts = this.#ofSet(selectionSet);
    if (this.#isCyclic) return 'A fragment must not spread itself.';
    const ofVariables = variableDefinitions.flatMap((definition) => definition.directives ?? []);
    const all = counts.directives + directives.length + ofVariables.length;
    if (counts.depth > MAX_DEPTH)
      return over('is nested', counts.depth, MAX_DEPTH, 'levels deep, fragments included');
    if (counts.aliases > MAX_ALIASES) return over('has', counts.aliases, MAX_ALIASES, 'aliases');
    if (all > MAX_DIRECTIVES) return over('has', all, MAX_DIRECTIVES, 'directives');
    this.#selections += counts.selections;
    if (this.#selections > MAX_SELECTIONS)
      return over('has', this.#selections, MAX_SELECTIONS, 'selections with its fragments expanded');
    if (this.#repeats([selectionSet]))
      return `The document selects a field more than ${MAX_REPETITIONS} times under the same name.`;
    return undefined;
  }

  #ofSet({ selections }: SelectionSetNode): Counts {
    let [depth, aliases, directives, count] = [0, 0, 0, selections.length];
    for (const node of selections) {
      const below = this.#below(node);
      depth = Math.max(depth, 1 + below.depth);
      aliases += below.aliases + (node.kind === Kind.FIELD && node.alias ? 1 : 0);
      directives += below.directives + (node.directives?.length ?? 0);
      count += below.selections;
    }
    return { depth, aliases, directives, selections: count };
  }

  #below(node: SelectionNode): Counts {
    if (node.kind === Kind.FRAGMENT_SPREAD) return this.#ofFragment(node.name.value);
    if (!node.selectionSet) return NOTHING;
    // Clients introspect deeper. graphql-js limits what can be large there.
    const isIntrospection = node.kind === Kind.FIELD && node.name.value === SchemaMetaFieldDef.name;
    const below = this.#ofSet(node.selectionSet);
    return isIntrospection ? { ...below, depth: 0 } : below;
  }

  #ofFragment(name: string): Counts {
    const known = this.#counted.get(name);
    if (known === null) this.#isCyclic = true;
    const fragment = this.#fragments.get(name);
    if (known !== undefined || !fragment) return known ?? NOTHING;
    this.#counted.set(name, null);
    const { directives, ...counts } = this.#ofSet(fragment.selectionSet);
    const all = { ...counts, directives: directives + (fragment.directives?.length ?? 0) };
    this.#counted.set(name, all);
    return all;
  }

  /** Only for a document within the other limits, because this expands the fragments. */
  #repeats(sets: readonly SelectionSetNode[]): boolean {
    const byKey = new Map<string, FieldNode[]>();
    for (const set of sets) this.#collect(set, byKey);
    return [...byKey.values()].some(
      (nodes) =>
        nodes.length > MAX_REPETITIONS ||
        this.#repeats(nodes.flatMap(({ selectionSet }) => selectionSet ?? [])),
    );
  }

  #collect({ selections }: SelectionSetNode, byKey: Map<string, FieldNode[]>): void {
    for (const node of selections) {
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        byKey.set(key, [...(byKey.get(key) ?? []), node]);
        continue;
      }
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : this.#fragments.get(node.name.value);
      if (fragment) this.#collect(fragment.selectionSet, byKey);
    }
  }
}

function over(verb: string, count: number, limit: number, what: string): string {
  return `The document ${verb} ${count} ${what}; the limit is ${limit}.`;
}
