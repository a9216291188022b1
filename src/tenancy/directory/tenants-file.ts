import { atOnce, type SlicedWork } from '../../util/slices.js';
import { isRecord } from '../../util/is-record.js';
import type { CredentialSource } from '../account.js';
import { FaultList } from './fault-list.js';
import { readPlainYaml } from './plain-yaml.js';
import { TenantEntries, type TenantEntry } from './tenant-entries.js';
import { readAccounts, type SecretReaders } from './tenants-file-accounts.js';
import { type PlaceOf, Places, placeInPortions, placeInWhole } from './tenants-file-places.js';
import { TenantsText } from './tenants-text.js';
import { parseYaml } from './yaml-content.js';
import { describeProblem, linesOf } from './yaml-problems.js';
import { type YamlFault, YamlReader } from './yaml-reader.js';

const MAX_TENANTS = 50_000;
/** A longer file is parsed in portions. */
const LARGE_CHARACTERS = 128 * 1024;
const PORTION_CHARACTERS = 8 * 1024;
/** A longer file would block requests for too long, and take too much memory, if it can only be parsed as a whole. */
const MAX_WHOLE_CHARACTERS = 4 * 1024 * 1024;

/** The validated content of the tenants file. */
export interface TenantsFile {
  readonly accounts: ReadonlyMap<string, CredentialSource>;
  readonly tenants: readonly TenantEntry[];
}

export interface TenantsFileReaders extends SecretReaders {
  /** Digests of publicly known secrets, which no key may have. */
  readonly refusedDigests: ReadonlySet<string>;
}

export type TenantsFileResult =
  | { readonly file: TenantsFile }
  /**
   * Each fault names its line, its tenant or account, and its field, and contains no other value from the file. If there
   * are many, the last line says how many more there are.
   */
  | { readonly faults: readonly string[] };

/** Lengths in characters that decide how a file is parsed. Tests lower them. */
export interface ParseLimits {
  readonly large: number;
  readonly portion: number;
  readonly whole: number;
}

const LIMITS: ParseLimits = {
  large: LARGE_CHARACTERS,
  portion: PORTION_CHARACTERS,
  whole: MAX_WHOLE_CHARACTERS,
};

/** Parses and validates the tenants file. Returns either its content or its faults. */
export function parseTenantsFile(
  text: string,
  readers: TenantsFileReaders,
  limits = LIMITS,
): TenantsFileResult {
  return atOnce(readTenantsFile(text, readers, limits));
}

/** Like {@link parseTenantsFile}, with pauses if the file is large. */
export function* readTenantsFile(
  text: string,
  readers: TenantsFileReaders,
  limits = LIMITS,
): SlicedWork<TenantsFileResult> {
  const split = text.length > limits.large ? TenantsText.split(text, limits.portion) : undefined;
  const result = split && (yield* readPortions(split, readers));
  if (result) return result;
  return text.length > limits.whole ? { faults: [ONLY_IN_PORTIONS] } : yield* readWhole(text, readers);
}

const ONLY_IN_PORTIONS = `longer than ${MAX_WHOLE_CHARACTERS / 1024 / 1024} MiB: each tenant must then begin with "- " on a line of its own below "tenants:", and aliases (*) must not refer to anchors (&) in other tenants`;

function* readWhole(text: string, readers: TenantsFileReaders): SlicedWork<TenantsFileResult> {
  const content = parseYaml(text);
  if ('problems' in content) {
    const lines = linesOf(text);
    return { faults: yield* content.problems.describe((problem) => describeProblem(problem, lines)) };
  }
  const file = new FileReader(content.value, readers);
  for (const [owner, item] of (file.list?.items(MAX_TENANTS) ?? []).entries()) file.readTenant(item, owner);
  return yield* file.result(() => placeInWhole(text, content));
}

/** Returns `undefined` if the file must be parsed as a whole. */
function* readPortions(
  split: TenantsText,
  readers: TenantsFileReaders,
): SlicedWork<TenantsFileResult | undefined> {
  const portions = new PortionReader();
  const rest = readPlainYaml(split.rest) ?? portions.read(split.restInPlace, 1);
  // Otherwise, something that looks like the end of the list is a part of it.
  if (rest !== undefined && !(isRecord(rest) && rest['tenants'] === null)) return undefined;
  const file = new FileReader({ ...rest, tenants: [] }, readers);
  if (split.tenants > MAX_TENANTS) {
    file.list?.fault(`must have at most ${MAX_TENANTS} items`);
    return yield* file.result(() => placeInPortions(split));
  }
  for (const { text, firstLine, firstTenant, tenants } of split.portions()) {
    yield;
    const values = portions.read(text, firstLine);
    if (!Array.isArray(values)) continue;
    if (values.length !== tenants) return undefined;
    for (const [index, value] of values.entries()) {
      const owner = firstTenant + index;
      if (file.list) file.readTenant(file.list.child(owner, value), owner);
    }
  }
  if (portions.hasForeignAlias) return undefined;
  if (!portions.problems.isEmpty)
    return { faults: yield* portions.problems.describe((describe) => describe()) };
  return yield* file.result(() => placeInPortions(split));
}

/** Reads the YAML of portions, and collects its problems. */
class PortionReader {
  readonly problems = new FaultList<() => string>();
  /** Whether an alias may stand for something in another portion. */
  hasForeignAlias = false;

  /** Returns `undefined` if there are problems. */
  read(text: string, firstLine: number): unknown {
    const plain = readPlainYaml(text);
    if (plain !== undefined) return plain;
    const content = parseYaml(text);
    if ('value' in content) return content.value;
    this.hasForeignAlias ||= content.problems.has(({ code }) => code === 'UNRESOLVED_ALIAS');
    this.problems.include(
      content.problems,
      (problem) => () => describeProblem(problem, linesOf(text), firstLine),
    );
    return undefined;
  }
}

/** Reads the fields of the file, and then its tenants, one by one. */
class FileReader {
  readonly #faults = new FaultList<YamlFault>();
  readonly #tenants: TenantEntry[] = [];
  readonly #accounts: ReadonlyMap<string, CredentialSource>;
  readonly #entries: TenantEntries;
  /** The tenants; `undefined` if the file is not a mapping. */
  readonly list: YamlReader | undefined;

  constructor(root: unknown, readers: TenantsFileReaders) {
    const field = new YamlReader(root, this.#faults).fields(['accounts', 'tenants']);
    this.#accounts = field ? readAccounts(field('accounts'), readers) : new Map();
    this.#entries = new TenantEntries(this.#accounts, readers.refusedDigests);
    this.list = field?.('tenants');
  }

  /** `owner`: the index of the tenant. */
  readTenant(item: YamlReader, owner: number): void {
    const entry = this.#entries.read(item, owner);
    if (entry) this.#tenants.push(entry);
  }

  *result(placed: () => PlaceOf): SlicedWork<TenantsFileResult> {
    if (this.#faults.isEmpty) return { file: { accounts: this.#accounts, tenants: this.#tenants } };
    const places = new Places(placed());
    return { faults: yield* this.#faults.describe((fault) => places.describe(fault)) };
  }
}
