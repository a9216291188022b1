import { isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Pair, type YAMLMap } from 'yaml';
import { isRecord } from '../../util/is-record.js';
import { redact } from '../../util/redaction.js';
import type { TenantsText } from './tenants-text.js';
import { TENANT_ID } from './tenant-entries.js';
import { parseYaml, startOf, type YamlContent } from './yaml-content.js';
import { linesOf } from './yaml-problems.js';
import type { YamlFault, YamlReader } from './yaml-reader.js';

/** What the entries of a list are called. */
const OWNERS = new Map<unknown, string>([
  ['accounts', 'account'],
  ['tenants', 'tenant'],
]);
/** Longer than any part of a usual id: a digest or an access key in the wrong place. */
const SECRET = /[A-Za-z0-9]{20}/;

/** A node: the text that it is in, as parsed, where that text begins, and the way to the node from there. */
interface Place {
  readonly content: YamlContent;
  readonly lines: LineCounter;
  readonly firstLine: number;
  readonly keys: readonly (string | number)[];
}

/** Returns the place of a node, by the names and indexes that lead to it. */
export type PlaceOf = (keys: readonly (string | number)[]) => Place | undefined;

/** Places in a file that was parsed as a whole. */
export function placeInWhole(text: string, content: YamlContent): PlaceOf {
  const lines = linesOf(text);
  return (keys) => ({ content, lines, firstLine: 1, keys });
}

/** Places in a large file: only portions with faults are parsed again, by the parser that knows where everything is. */
export function placeInPortions(split: TenantsText): PlaceOf {
  const parsed = new Map<string, Omit<Place, 'keys'> | undefined>();
  const open = (text: string, firstLine: number): Omit<Place, 'keys'> | undefined => {
    if (!parsed.has(text)) {
      const content = parseYaml(text);
      parsed.set(text, 'value' in content ? { content, lines: linesOf(text), firstLine } : undefined);
    }
    return parsed.get(text);
  };
  return ([list, index, ...keys]) => {
    const portion = list === 'tenants' && typeof index === 'number' ? split.portionOf(index) : undefined;
    const place = portion ? open(portion.text, portion.firstLine) : open(split.restInPlace, 1);
    if (!place) return undefined;
    const within = portion
      ? [Number(index) - portion.firstTenant, ...keys]
      : [list, index, ...keys].filter((key) => key !== undefined);
    return { ...place, keys: within };
  };
}

/** Describes where faults of the tenants file are: by line, by tenant or account, and by field. */
export class Places {
  readonly #fields = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();

  constructor(private readonly placeOf: PlaceOf) {}

  /** `line 12, tenant acme: spaces[0].custSpaceId: is required` */
  describe({ at, problem, earlier, field }: YamlFault): string {
    const { keys } = at;
    const owner = ownerOf(at);
    const path = pathOf(owner === undefined ? keys : keys.slice(2));
    const line = this.#line(field === undefined ? keys : [...keys, field]);
    const place = [line, owner].filter((part) => part !== undefined).join(', ');
    const reference = earlier && ` (see ${this.#reference(earlier)})`;
    return [place, path, `${problem}${reference ?? ''}`].filter((part) => part !== '').join(': ');
  }

  #reference(earlier: YamlReader): string {
    const { keys } = earlier;
    return [this.#line(keys), ownerOf(earlier) ?? pathOf(keys)]
      .filter((part) => part !== undefined)
      .join(', ');
  }

  /** The line of the node, or of the nearest one around it if it is missing. */
  #line(keys: readonly (string | number)[]): string | undefined {
    const place = this.placeOf(keys);
    if (!place) return undefined;
    const { content, lines, firstLine } = place;
    let node = content.root;
    let offset = startOf(node);
    for (const key of place.keys) {
      if (isAlias(node)) node = content.targets.get(node);
      const next: unknown = isMap(node)
        ? this.#fieldsOf(node).get(key)
        : isSeq(node) && node.items[Number(key)];
      offset = startOf(next) ?? offset;
      node = isPair(next) ? next.value : next;
    }
    return offset === undefined ? undefined : `line ${lines.linePos(offset).line + firstLine - 1}`;
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

/** `tenant acme`; `undefined` without an id that may be shown. */
function ownerOf(at: YamlReader): string | undefined {
  const [, list, entry] = at.path;
  const kind = OWNERS.get(list?.key);
  const id = isRecord(entry?.value) ? entry.value['id'] : undefined;
  if (kind === undefined || typeof id !== 'string' || !TENANT_ID.test(id) || SECRET.test(id))
    return undefined;
  return `${kind} ${redact(id)}`;
}

/** `spaces[0].custSpaceId` */
function pathOf(keys: readonly (string | number)[]): string {
  return keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
}
