import { PERMISSIONS } from '../../../../src/tenancy/permissions.js';
import { forgeries } from '../../../support/tenancy-forgeries.js';
import { claims, sign, type SigningKey } from '../../../support/tenancy-issuer.js';
import { weighted } from '../../chance.js';
import type { Random } from '../../coherence/random.js';
import type { RunTenant } from '../../tenants.js';

export type Headers = readonly (readonly [name: string, value: string])[];

/** Credentials of a request. */
export interface Presented {
  readonly headers: Headers;
  /** Whether they are those of the tenant, so that responses may show its data. */
  readonly valid: boolean;
}

/** Makes credentials of every kind. */
export class Credentials {
  private constructor(
    private readonly tokens: ReadonlyMap<RunTenant, readonly [string, ...string[]]>,
    private readonly forged: readonly string[],
  ) {}

  static async make(tenants: readonly RunTenant[], key: SigningKey): Promise<Credentials> {
    const tokens = new Map<RunTenant, readonly [string, ...string[]]>();
    const exp = Math.floor(Date.now() / 1_000) + 43_200;
    for (const tenant of tenants) {
      const token = (more: object): Promise<string> => sign(key, claims({ tenant: tenant.id, exp, ...more }));
      tokens.set(tenant, [
        await token({ scope: PERMISSIONS.join(' ') }),
        await token({ scope: undefined, permissions: PERMISSIONS, cust_space_ids: [tenant.custSpaceId] }),
        await token({ scope: 'groups:read participants:read' }),
        await token({ scope: PERMISSIONS.join(' '), cust_space_ids: [] }),
      ]);
    }
    const made = (await forgeries([key])).map(({ token }) => token);
    // Others cannot stand in a header, or name a tenant of other tests.
    return new Credentials(
      tokens,
      made.filter((token) => /^[\w.!~-]{1,6000}$/.test(token)),
    );
  }

  present(random: Random, tenant: RunTenant): Presented {
    const bearer = (value: string): Headers => [['Authorization', `Bearer ${value}`]];
    const key = (value: string): Headers => [['X-Api-Key', value]];
    const valid = (headers: Headers): Presented => ({ headers, valid: true });
    const refused = (headers: Headers): Presented => ({ headers, valid: false });
    const { apiKey, readonlyKey } = tenant;
    const [full, ...others] = this.tokens.get(tenant) ?? [''];
    return weighted<() => Presented>(random, [
      [50, () => valid(bearer(apiKey))],
      [14, () => valid(key(apiKey))],
      [8, () => valid(bearer(full))],
      [6, () => valid(bearer(random.pick([full, ...others])))],
      [6, () => valid(bearer(readonlyKey))],
      [2, () => valid([...bearer(apiKey), ...key(apiKey)])],
      [3, () => refused([])],
      [4, () => refused(bearer(random.pick(this.forged)))],
      [1, () => refused(bearer(altered(random, apiKey)))],
      [1, () => refused(key(altered(random, apiKey)))],
      // Refused, unless a mutation removes one of them.
      [1, () => valid([...bearer(apiKey), ...key(readonlyKey)])],
      // Until duplicates are refused, the first one counts: it is the tenant's own either way.
      [1, () => valid([...bearer(apiKey), ...bearer(readonlyKey)])],
      [1, () => valid([...key(apiKey), ...key(apiKey)])],
      [
        1,
        () =>
          valid([
            [
              'Authorization',
              random.pick([
                'Basic YTpi',
                'bearer',
                'Bearer',
                `bearer  ${apiKey}`,
                `Bearer ${apiKey}, x`,
                `Bearer\t${apiKey}`,
              ]),
            ],
          ]),
      ],
    ])();
  }
}

function altered(random: Random, key: string): string {
  return random.pick([
    key.slice(0, -1),
    `${key}A`,
    key.replace(/\.(.)/, (_, first: string) => `.${first === 'A' ? 'B' : 'A'}`),
    key.replace('cgk_', 'cgk_no-'),
    'cgk_toString.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'cgk___proto__.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'cgk_',
    'cgk_.',
    key.toUpperCase(),
  ]);
}
