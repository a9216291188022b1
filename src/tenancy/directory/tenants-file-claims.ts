import type { YamlReader } from './yaml-reader.js';

/** The tenant that claims something, by its index in the file, and the place where it does. */
interface Claim {
  readonly owner: number;
  readonly at: YamlReader;
}

interface SpaceClaims {
  every: Claim | undefined;
  /** Number → the tenant that claims it. */
  readonly numbers: Map<string, Claim>;
  /** Enough to find a claim of another tenant, because the claims of one tenant follow each other. */
  first: Claim | undefined;
}

/** Detects conflicting claims: within an account, a number of a space belongs to only one tenant. */
export class Claims {
  readonly #spaces = new Map<string, SpaceClaims>();

  /** Records that a tenant (`owner`, its index in the file) claims every number of a space. */
  claimEvery(owner: number, account: string, custSpaceId: string, at: YamlReader): void {
    const space = this.#space(account, custSpaceId);
    const other = space.first?.owner === owner ? undefined : space.first;
    if (other !== undefined)
      at.fault('claims every number, but another tenant claims some of them', other.at);
    space.every ??= { owner, at };
    space.first ??= { owner, at };
  }

  /** Records that a tenant claims one number of a space. */
  claim(owner: number, account: string, custSpaceId: string, number: string, at: YamlReader): void {
    const space = this.#space(account, custSpaceId);
    const other = [space.every, space.numbers.get(number)].find((c) => c !== undefined && c.owner !== owner);
    if (other !== undefined) at.fault('is already claimed by another tenant', other.at);
    if (!space.numbers.has(number)) space.numbers.set(number, { owner, at });
    space.first ??= { owner, at };
  }

  #space(account: string, custSpaceId: string): SpaceClaims {
    const key = JSON.stringify([account, custSpaceId]);
    const known = this.#spaces.get(key);
    if (known !== undefined) return known;
    const space: SpaceClaims = { every: undefined, numbers: new Map(), first: undefined };
    this.#spaces.set(key, space);
    return space;
  }
}
