import { CACHE_MANAGER, type Cache } from '@nestjs/cache-manager';
import { BadRequestException, Inject, Injectable, NotFoundException } from '@nestjs/common';
import { decodeChatGroupId } from '../../../src/chat-groups/model/chat-group-id.js';
import type { Scope } from '../../data/scopes.js';
import { Cams, type ListedGroups } from '../cams.js';
import type { Group } from '../group.js';

export interface CachedPage extends ListedGroups {
  /** ISO 8601 */
  readonly asOf: string;
}

const SCAN_SIZE = 100;

/** Lists and groups, cached for a while. A write deletes the cached pages of its number. */
@Injectable()
export class ChatGroupsService {
  /** The cache keys of each number that this process has stored. */
  readonly #keys = new Map<string, Set<string>>();

  constructor(
    private readonly cams: Cams,
    @Inject(CACHE_MANAGER) private readonly cache: Cache,
  ) {}

  async page(scope: Scope, offset: number, first: number): Promise<CachedPage> {
    if (offset % first !== 0) throw new BadRequestException('offset must be a multiple of first');
    const key = `page:${numberOf(scope)}:${offset}:${first}`;
    const cached = await this.cache.get<CachedPage>(key);
    if (cached) return cached;
    const listed = await this.cams.list(scope, { Index: offset / first + 1, Size: first });
    const page = { ...listed, asOf: new Date().toISOString() };
    await this.#store(scope, key, page);
    return page;
  }

  async group(id: string): Promise<Group> {
    const location = locate(id);
    const key = `group:${id}`;
    const cached = await this.cache.get<Group>(key);
    if (cached) return cached;
    const group = await this.#find(location, location.groupId);
    await this.#store(location, key, group);
    return group;
  }

  async update(id: string, description: string): Promise<Group> {
    const location = locate(id);
    await this.cams.update(location, location.groupId, description);
    const keys = this.#keys.get(numberOf(location));
    this.#keys.delete(numberOf(location));
    if (keys) await this.cache.mdel([...keys]);
    return this.#find(location, location.groupId);
  }

  /** CAMS cannot read a single group, so this searches the lists. */
  async #find(scope: Scope, groupId: string): Promise<Group> {
    for (let offset = 0, total = 1; offset < total; offset += SCAN_SIZE) {
      const page = await this.page(scope, offset, SCAN_SIZE);
      const group = page.groups.find((one) => one.groupId === groupId);
      if (group) return group;
      ({ total } = page);
    }
    throw new NotFoundException();
  }

  async #store(scope: Scope, key: string, value: unknown): Promise<void> {
    await this.cache.set(key, value);
    const keys = this.#keys.get(numberOf(scope)) ?? new Set();
    this.#keys.set(numberOf(scope), keys.add(key));
  }
}

/** Throws if the ID is malformed. */
export function locate(id: string): Scope & { readonly groupId: string } {
  const location = decodeChatGroupId(id);
  if (!location) throw new NotFoundException();
  return location;
}

function numberOf({ custSpaceId, businessNumber }: Scope): string {
  return `${custSpaceId}:${businessNumber}`;
}
