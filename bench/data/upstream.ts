import { SandboxControl } from '../../test/support/sandbox-control.js';
import type { Child } from '../servers/child.js';
import { MAIN_SCOPES, type Scope } from './scopes.js';

/** Whose groups have subjects and descriptions as people write them. */
const SEEDED: Scope = { custSpaceId: 'cams-acme', businessNumber: '8613800000001' };
export const MAIN_GROUPS = 51;

const AT_ONCE = 8;

/** The sandbox in a process of its own: what it holds, and what it was asked. */
export class Upstream {
  readonly #control: SandboxControl;
  readonly #ids = new Map<string, Promise<string[]>>();

  constructor(readonly process: Child) {
    this.#control = new SandboxControl(process.url);
  }

  get url(): string {
    return this.process.url;
  }

  /** Gives each main scope the groups of the demo, all of them active: a page with another one is kept for a shorter time. */
  async fillMain(): Promise<void> {
    const seeded = await this.#control.groups(SEEDED);
    for (const scope of MAIN_SCOPES) {
      // One after the other: lists are in order of creation.
      for (const { groupId: _, inviteLink, ...group } of seeded) {
        const { subject, participants } = group;
        const { description, profilePictureFile } = group as Readonly<Record<string, unknown>>;
        await this.#control.changeGroup({
          op: 'create',
          ...scope,
          subject,
          participants,
          status: 'ACTIVE',
          inviteLink: Boolean(inviteLink),
          ...(description !== undefined && { description }),
          ...(profilePictureFile !== undefined && { profilePictureFile }),
        });
      }
    }
  }

  /** Gives each scope `count` groups. */
  async fill(scopes: readonly Scope[], count: number): Promise<void> {
    const left = scopes.values();
    const fillSome = async (): Promise<void> => {
      for (const scope of left) {
        await this.#control.createGroups(count, {
          ...scope,
          subject: '云南雪山五日游 🏔️ · July departure',
          description: 'Meeting point: Kyoto Station, central gate.\nBring comfortable shoes.',
          profilePictureFile: 'https://pictures.example.com/0f3a9c1be2d84756.jpg',
          participants: ['8615012345678', '8615012345679', '8615012345680'],
        });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, fillSome));
  }

  /** Ids of the groups of a scope, in order; asked for once, since nobody adds to a scope that was filled. */
  groupIds(scope: Scope): Promise<string[]> {
    const key = `${scope.custSpaceId}/${scope.businessNumber}`;
    const ids = this.#ids.get(key) ?? this.#readGroupIds(scope);
    this.#ids.set(key, ids);
    return ids;
  }

  /** From now on {@link calls} counts. */
  async forgetCalls(): Promise<void> {
    await this.#control.forgetCalls();
  }

  /** How often it was called; of 100,000 and more nobody knows the number. */
  async calls(): Promise<number> {
    return (await this.#control.calls()).length;
  }

  async #readGroupIds(scope: Scope): Promise<string[]> {
    return (await this.#control.groups(scope)).map(({ groupId }) => groupId);
  }
}
