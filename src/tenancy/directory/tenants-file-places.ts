import { isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Pair, type YAMLMap } from 'yaml';
import { isRecord } from '../../util/is-record.js';
import { redact } from '../../util/redaction.js';
import { startOf, type YamlContent } from './yaml-content.js';
import { linesOf } from './yaml-problems.js';
import type { YamlFault, YamlReader } from './yaml-reader.js';

/** What the entries of a list are called. */
const OWNERS = new Map<unknown, string>([
  ['accounts', 'account'],
  ['tenants', 'tenant'],
]);
const ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;
/** Longer than any part of a usual id: a digest or an access key in the wrong place. */
const SECRET = /[A-Za-z0-9]{20}/;

/** Describes where faults of the tenants file are: by line, by tenant or account, and by field. */
export class Places {
  readonly #lines: LineCounter;
  readonly #fields = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();

  constructor(
    text: string,
    private readonly content: YamlContent,
  ) {
    this.#lines = linesOf(text);
  }

  /** `line 12, tenant acme: spaces[0].custSpaceId: is required` */
  describe({ at, problem, earlier, field }: YamlFault): string {
    const { keys } = at;
    const owner = this.#owner(keys);
    const path = pathOf(owner === undefined ? keys : keys.slice(2));
    const line = this.#line(field === undefined ? keys : [...keys, field]);
    const place = [line, owner].filter((part) => part !== undefined).join(', ');
    const reference = earlier && ` (see ${this.#reference(earlier)})`;
    return [place, path, `${problem}${reference ?? ''}`].filter((part) => part !== '').join(': ');
  }

  #reference({ keys }: YamlReader): string {
    return [this.#line(keys), this.#owner(keys) ?? pathOf(keys)]
      .filter((part) => part !== undefined)
      .join(', ');
  }

  /** `tenant acme`; `undefined` without an id that may be shown. */
  #owner([list, index]: readonly (string | number)[]): string | undefined {
    const kind = OWNERS.get(list);
    const { value } = this.content;
    const entries = isRecord(value) ? value[String(list)] : undefined;
    const entry: unknown = Array.isArray(entries) ? entries[Number(index)] : undefined;
    const id = isRecord(entry) ? entry['id'] : undefined;
    if (kind === undefined || typeof id !== 'string' || !ID.test(id) || SECRET.test(id)) return undefined;
    return `${kind} ${redact(id)}`;
  }

  /** The line of the node, or of the nearest one around it if it is missing. */
  #line(keys: readonly (string | number)[]): string | undefined {
    let node = this.content.root;
    let offset = startOf(node);
    for (const key of keys) {
      if (isAlias(node)) node = this.content.targets.get(node);
      const next: unknown = isMap(node)
        ? this.#fieldsOf(node).get(key)
        : isSeq(node) && node.items[Number(key)];
      offset = startOf(next) ?? offset;
      node = isPair(next) ? next.value : next;
    }
    return offset === undefined ? undefined : `line ${this.#lines.linePos(offset).line}`;
  }

  /** Remembered, because many faults can be in one mapping. */
  #fieldsOf(map: YAMLMap): ReadonlyMap<unknown, Pair> {
    const known = this.#fields.get(map);
    if (known !== undefined) return known;
    const fields = new Map(map.items.map((pair) => [isScalar(pair.key) ? pair.key.value : pair.key, pair]));
    this.#fields.set(map, fields);
    return fields;
  }
}

/** `spaces[0].custSpaceId` */
function pathOf(keys: readonly (string | number)[]): string {
  return keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
}
