import { encodeChatGroupId } from '../../../src/chat-groups/model/chat-group-id.js';
import type { Target } from '../../support/operations.js';
import { onceIn } from '../chance.js';
import type { Random } from '../coherence/random.js';
import { type Draft, encoded } from '../fuzz/requests/draft.js';
import { graphqlDraft } from '../fuzz/requests/graphql.js';
import { headerText, restDraft } from '../fuzz/requests/rest.js';
import type { TenantValues, Kind } from '../fuzz/requests/known-values.js';
import { runTenant } from '../tenants.js';

/** Every value that names a tenant's resources. */
export interface Names extends Target {
  readonly operationId: string;
  readonly cursor: string;
  readonly etag: string;
  readonly idempotencyKey: string;
}

export type Part = 'space' | 'number' | 'group' | 'node' | Exclude<Kind, 'groupId' | 'nodeId' | 'subject'>;

const PLACES: Readonly<Record<Part, string>> = {
  space: 'PLACEofSPACE',
  number: 'PLACEofNUMBER',
  group: 'PLACEofGROUP',
  node: 'PLACEofNODE',
  operationId: 'PLACEofOPERATION',
  cursor: 'PLACEofCURSOR',
  etag: 'PLACEofETAG',
  idempotencyKey: 'PLACEofKEY',
};
const PARTS = Object.keys(PLACES) as Part[];

const NOBODY: TenantValues = {
  tenant: {
    ...runTenant('anyone', 0),
    custSpaceId: PLACES.space,
    businessNumbers: [PLACES.number],
  },
  values: new Map<Kind, string[]>([
    ['groupId', [PLACES.group]],
    ['nodeId', [PLACES.node]],
    ['operationId', [PLACES.operationId]],
    ['cursor', [PLACES.cursor]],
    ['etag', [PLACES.etag]],
    ['idempotencyKey', [PLACES.idempotencyKey]],
  ]),
};

/** A request without names yet, so that the same request can be made with different ones. */
export class OpenRequest {
  private constructor(readonly draft: Draft) {}

  static generate(random: Random): OpenRequest {
    return new OpenRequest(onceIn(random, 2) ? restDraft(random, NOBODY) : graphqlDraft(random, NOBODY));
  }

  /** The parts that the request names. */
  get parts(): Part[] {
    const { target, headers, body = '' } = this.draft;
    const text = [target, body, ...headers.map(([, value]) => value)].join('\n');
    return PARTS.filter((part) => text.includes(PLACES[part]));
  }

  /** The request with names filled in. `inArray`: these parts are arrays where JSON allows it. */
  filled(names: Names, inArray: readonly Part[] = []): Draft {
    const values: Readonly<Record<Part, string>> = {
      space: names.custSpaceId,
      number: names.businessNumber,
      group: names.groupId,
      node: encodeChatGroupId(names),
      operationId: names.operationId,
      cursor: names.cursor,
      etag: names.etag,
      idempotencyKey: names.idempotencyKey,
    };
    let { target, body, headers } = this.draft;
    for (const part of PARTS) {
      const [place, value] = [PLACES[part], values[part]];
      // In a query by GET, every name is in a JSON text or a literal of the document.
      const inTarget = this.draft.transport === 'GraphQL' ? JSON.stringify(value).slice(1, -1) : value;
      target = target.replaceAll(place, () => encoded(inTarget));
      headers = headers.map(([name, text]) => [name, text.replaceAll(place, () => headerText(value))]);
      const json = inArray.includes(part) ? `[${JSON.stringify(value)}]` : JSON.stringify(value);
      // In a variable, in a literal within the document, and within another text.
      body = body
        ?.replaceAll(`"${place}"`, () => json)
        .replaceAll(`\\"${place}\\"`, () => JSON.stringify(json).slice(1, -1))
        .replaceAll(place, () => JSON.stringify(value).slice(1, -1));
    }
    return { ...this.draft, target, headers, ...(body !== undefined && { body }) };
  }
}
