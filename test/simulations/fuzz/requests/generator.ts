import { onceIn } from '../../chance.js';
import { Random } from '../../coherence/random.js';
import { DEFAULT_HOST, type WireRequest } from '../wire/wire-request.js';
import type { Credentials } from './credentials.js';
import type { FuzzRequest } from './draft.js';
import { graphqlDraft } from './graphql.js';
import { endedEarly, malformed, mutated } from './mutate.js';
import { restDraft } from './rest.js';
import type { KnownValues } from './known-values.js';

/**
 * Generates the requests of a run. The same seed makes the same choices; the IDs, ETags and cursors in the requests come
 * from earlier responses.
 */
export class Generator {
  constructor(
    private readonly seed: number,
    private readonly knownValues: KnownValues,
    private readonly credentials: Credentials,
  ) {}

  request(index: number): FuzzRequest {
    const random = new Random(Math.imul(this.seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
    const caller = this.knownValues.any(random);
    const { tenant } = caller;
    // Some name the resources of other tenants.
    const whose = onceIn(random, 8) ? this.knownValues.any(random) : caller;
    const draft = onceIn(random, 2) ? restDraft(random, whose) : graphqlDraft(random, whose);
    const presented = this.credentials.present(random, tenant);
    const callerId = `fuzz-${this.seed}-${index.toString(36)}`;
    const { operation, transport, method, target, body } = draft;
    const sane: WireRequest = {
      method,
      target,
      headers: [
        ['Host', DEFAULT_HOST],
        ...presented.headers,
        ['X-Request-Id', callerId],
        ['X-Forwarded-For', address(random)],
        ...draft.headers,
        ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
      ],
      ...(body !== undefined && { body: Buffer.from(body) }),
    };
    const owner = presented.valid ? tenant : undefined;
    if (onceIn(random, 120))
      return {
        index,
        operation: 'malformed HTTP',
        transport: 'raw',
        owner,
        callerId,
        wire: malformed(random, sane),
      };
    const changed = onceIn(random, 3) ? mutated(random, sane) : sane;
    const wire = onceIn(random, 60) ? endedEarly(random, changed) : changed;
    return { index, operation, transport, owner, callerId, wire };
  }
}

function address(random: Random): string {
  return `10.${random.between(0, 255)}.${random.between(0, 255)}.${random.between(1, 254)}`;
}
