import OpenApi from '@alicloud/openapi-client';
import { type CamsAction, type CamsChatGroup, type CamsPage, CAMS_VERSION } from '../../src/cams/wire.js';
import type { Scope } from '../data/scopes.js';
import { type Group, groupOf } from './group.js';

export interface ListedGroups {
  readonly total: number;
  readonly groups: readonly Group[];
}

/** CAMS through the vendor's client, as in its documentation: one client, one `callApi` per request. */
export class Cams {
  readonly #client: OpenApi.default;

  /** `endpoint`: host and port of the sandbox. */
  constructor(endpoint: string) {
    this.#client = new OpenApi.default(
      new OpenApi.Config({
        accessKeyId: 'sandbox',
        accessKeySecret: 'sandbox-secret',
        endpoint,
        protocol: 'HTTP',
      }),
    );
  }

  async list(scope: Scope, page: CamsPage): Promise<ListedGroups> {
    const body = await this.#call('ListChatGroup', scope, { Page: JSON.stringify(page) });
    const { Total, List } = body['Data'] as { Total: number; List: CamsChatGroup[] };
    return { total: Total, groups: List.map((row) => groupOf(scope, row)) };
  }

  async update(scope: Scope, groupId: string, description: string): Promise<void> {
    await this.#call('UpdateChatGroup', scope, { GroupId: groupId, Description: description });
  }

  async #call(
    action: CamsAction,
    { custSpaceId, businessNumber }: Scope,
    own: Record<string, string>,
  ): Promise<Record<string, unknown>> {
    const params = new OpenApi.Params({
      action,
      version: CAMS_VERSION,
      protocol: 'HTTPS',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    });
    const query = {
      ...own,
      CustSpaceId: custSpaceId,
      BusinessNumber: businessNumber,
      ChannelType: 'WHATSAPP',
    };
    const response: unknown = await this.#client.callApi(
      params,
      new OpenApi.OpenApiRequest({ query }),
      RUNTIME,
    );
    const { body } = response as { body: Record<string, unknown> };
    if (body['Code'] !== 'OK') throw new Error(`CAMS refused ${action}: ${String(body['Code'])}`);
    return body;
  }
}

// The class of these options is in a package that we do not depend on; the client only reads the fields.
const RUNTIME = { readTimeout: 8_000, connectTimeout: 8_000, autoretry: false, toMap: () => ({}) };
