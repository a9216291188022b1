import { SandboxControl } from '../../test/support/sandbox-control.js';
import type { Child } from '../servers/child.js';
import { MAIN_SCOPES, type Scope, SHORT_SCOPES } from './scopes.js';

/** The demo groups of the sandbox, whose subjects and descriptions are realistic. */
const SEEDED: Scope = { custSpaceId: 'cams-acme', businessNumber: '8613800000001' };
export const MAIN_GROUPS = 51;

const AT_ONCE = 8;
const PARTICIPANTS = ['8615012345678', '8615012345679', '8615012345680'];

/** The sandbox in its own process: fills it and counts its calls. */
export class Upstream {
  readonly #control: SandboxControl;
  readonly #ids = new Map<string, Promise<string[]>>();

  constructor(readonly process: Child) {
    this.#control = new SandboxControl(process.url);
  }

  get url(): string {
    return this.process.url;
  }

  /** Copies the demo groups to each main scope, all as active: pages with other groups expire sooner. */
  async fillMain(): Promise<void> {
    const seeded = await this.#control.groups(SEEDED);
    for (const scope of MAIN_SCOPES) {
      // One at a time: lists are in order of creation.
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

  /** Gives each short scope as many groups as a main scope, with a subject of 20 and a description of 10 characters. */
  async fillShort(): Promise<void> {
    for (const scope of SHORT_SCOPES) {
      for (let index = 1; index <= MAIN_GROUPS; index += 1) {
        const number = String(index).padStart(2, '0');
        await this.#control.changeGroup({
          op: 'create',
          ...scope,
          subject: `Island tour ${number}, July`,
          description: `Gate ${number}, E`,
          participants: PARTICIPANTS,
          inviteLink: index % 2 === 0,
        });
      }
    }
  }

  /** Creates `count` groups in each scope. */
  async fill(scopes: readonly Scope[], count: number): Promise<void> {
    const left = scopes.values();
    const fillSome = async (): Promise<void> => {
      for (const scope of left) {
        await this.#control.createGroups(count, {
          ...scope,
          subject: '云南雪山五日游 🏔️ · July departure',
          description: 'Meeting point: Kyoto Station, central gate.\nBring comfortable shoes.',
          profilePictureFile: 'https://pictures.example.com/0f3a9c1be2d84756.jpg',
          participants: PARTICIPANTS,
        });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, fillSome));
  }

  /** The IDs of a scope's groups, in order. Requested once: the scopes do not change. */
  groupIds(scope: Scope): Promise<string[]> {
    const key = `${scope.custSpaceId}/${scope.businessNumber}`;
    const ids = this.#ids.get(key) ?? this.#readGroupIds(scope);
    this.#ids.set(key, ids);
    return ids;
  }

  /** Resets {@link calls}. */
  async forgetCalls(): Promise<void> {
    await this.#control.forgetCalls();
  }

  /** The number of calls since the reset; beyond 100,000 it is not exact. */
  async calls(): Promise<number> {
    return (await this.#control.calls()).length;
  }

  async #readGroupIds(scope: Scope): Promise<string[]> {
    return (await this.#control.groups(scope)).map(({ groupId }) => groupId);
  }
}
