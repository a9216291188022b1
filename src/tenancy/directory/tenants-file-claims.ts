import type { YamlReader } from './yaml-reader.js';

interface SpaceClaims {
  every: { readonly owner: number; readonly path: string } | undefined;
  /** Number → the tenant that claims it. */
  readonly numbers: Map<string, { readonly owner: number; readonly path: string }>;
}

/** Detects conflicting claims: within an account, a number of a space belongs to only one tenant. */
export class Claims {
  readonly #spaces = new Map<string, SpaceClaims>();

  /** Records that a tenant (`owner`, its index in the file) claims every number of a space. */
  claimEvery(owner: number, account: string, custSpaceId: string, at: YamlReader): void {
    const space = this.#space(account, custSpaceId);
    const other = [space.every, ...space.numbers.values()].find((c) => c !== undefined && c.owner !== owner);
    if (other !== undefined) at.fault(`claims every number, but ${other.path} claims some of them`);
    space.every ??= { owner, path: at.path };
  }

  /** Records that a tenant claims one number of a space. */
  claim(owner: number, account: string, custSpaceId: string, number: string, at: YamlReader): void {
    const space = this.#space(account, custSpaceId);
    const other = [space.every, space.numbers.get(number)].find((c) => c !== undefined && c.owner !== owner);
    if (other !== undefined) at.fault(`is already claimed by ${other.path}`);
    if (!space.numbers.has(number)) space.numbers.set(number, { owner, path: at.path });
  }

  #space(account: string, custSpaceId: string): SpaceClaims {
    const key = JSON.stringify([account, custSpaceId]);
    const known = this.#spaces.get(key);
    if (known !== undefined) return known;
    const space: SpaceClaims = { every: undefined, numbers: new Map() };
    this.#spaces.set(key, space);
    return space;
  }
}
