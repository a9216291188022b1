import { type Alias, isAlias, isMap, isPair, isScalar, isSeq } from 'yaml';
import { FaultList } from './fault-list.js';
import { composeDocument } from './yaml-document.js';
import type { YamlProblem } from './yaml-problems.js';

/** Limit for the content with each alias replaced by what it stands for, in characters without spaces. */
const MAX_WRITTEN_OUT = 8 * 1024 * 1024;

/** A YAML file: its nodes, which know where they are, and what they mean. */
export interface YamlContent {
  readonly root: unknown;
  readonly value: unknown;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, unknown>;
}

/** Parses YAML. The time that this takes is proportional to the length of the text. */
export function parseYaml(text: string): YamlContent | { readonly problems: FaultList<YamlProblem> } {
  const problems = new FaultList<YamlProblem>();
  const content = read(text, problems);
  return content !== null && problems.isEmpty ? content : { problems };
}

function read(text: string, problems: FaultList<YamlProblem>): YamlContent | null {
  const document = composeDocument(text, problems);
  if (document === null || !problems.isEmpty) return null;
  const values = new Values(problems);
  const root = document.contents;
  return { root, value: values.read(root), targets: values.targets };
}

interface Anchored {
  readonly node: unknown;
  /** Set once the node has been read completely. */
  read?: { readonly value: unknown; readonly size: number };
}

/**
 * Reads the values of all nodes in one walk. The `toJS` of the library searches the whole document for the targets of
 * nested aliases, limits only how often each is used, and does not say where a faulty one is.
 */
class Values {
  readonly targets = new Map<Alias, unknown>();
  /** As set so far: a later anchor of the same name replaces the earlier one. */
  readonly #anchors = new Map<string, Anchored>();
  #size = 0;

  constructor(private readonly problems: FaultList<YamlProblem>) {}

  read(node: unknown): unknown {
    if (isAlias(node)) return this.#readAlias(node);
    const before = this.#size;
    const name = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    const anchored: Anchored = { node };
    if (name !== undefined) this.#anchors.set(name, anchored);
    const value = this.#readValue(node);
    anchored.read = { value, size: this.#size - before };
    return value;
  }

  #readValue(node: unknown): unknown {
    this.#size += 1;
    if (isSeq(node)) return node.items.map((item) => this.read(item));
    if (isMap(node)) {
      const fields = new Map<string, unknown>();
      for (const { key, value } of node.items) {
        const read = this.read(key);
        // With `stringKeys`, only a missing name is not text.
        const name = typeof read === 'string' ? read : '';
        if (fields.has(name)) this.problems.add({ code: 'DUPLICATE_KEY', offset: startOf(key) });
        fields.set(name, this.read(value));
      }
      return Object.fromEntries(fields);
    }
    if (!isScalar(node)) return null;
    if (typeof node.value === 'string') this.#size += node.value.length;
    return node.value;
  }

  #readAlias(alias: Alias): unknown {
    const anchored = this.#anchors.get(alias.source);
    const offset = startOf(alias);
    if (anchored?.read === undefined) {
      this.problems.add({ code: anchored ? 'ALIAS_OF_PARENT' : 'UNRESOLVED_ALIAS', offset });
      return null;
    }
    const { value, size } = anchored.read;
    const fit = this.#size <= MAX_WRITTEN_OUT;
    this.#size += size;
    // Each reference is read again: a few can stand for more than there is time for.
    if (fit && this.#size > MAX_WRITTEN_OUT) this.problems.add({ code: 'EXCESSIVE_ALIASES', offset });
    this.targets.set(alias, anchored.node);
    return value;
  }
}

/** The offset of a node; of a field, that of its name. */
export function startOf(node: unknown): number | undefined {
  const named = isPair(node) ? node.key : node;
  return isScalar(named) || isMap(named) || isSeq(named) || isAlias(named) ? named.range?.[0] : undefined;
}
