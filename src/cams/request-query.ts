import { stringify } from 'node:querystring';
import { GatewayError } from '../errors/gateway-error.js';
import type { CamsSettings } from '../config/config.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { CamsQuery } from './api.js';

/**
 * Returns all parameters of a call: those of the scope and those of the operation. All are sent in the URL, so its
 * length is checked first. Throws `VALIDATION_FAILED` and `PAYLOAD_TOO_LARGE`.
 */
export function requestQuery(scope: TenantScope, own: CamsQuery, settings: CamsSettings): CamsQuery {
  const entries = Object.entries({
    // The scope comes last: no field of an operation can override it.
    ...own,
    BusinessNumber: scope.businessNumber,
    CustSpaceId: scope.custSpaceId,
    ChannelType: 'WHATSAPP',
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (!entries.every(([, value]) => value.isWellFormed())) {
    // The encoder would throw on a lone surrogate.
    throw new GatewayError(
      'VALIDATION_FAILED',
      'A field contains a lone surrogate (half of a surrogate pair).',
    );
  }
  const query = Object.fromEntries(entries);
  const bytes = urlBytes(query, settings);
  if (bytes > settings.maxUrlBytes) {
    throw new GatewayError(
      'PAYLOAD_TOO_LARGE',
      `The URL of the request to CAMS would be ${bytes} bytes long; the maximum is ${settings.maxUrlBytes}. ` +
        'A non-ASCII character takes up to 12 bytes.',
    );
  }
  return query;
}

/** Returns the length of the URL as the vendor's client writes it, including `'`, which it escapes when sending. */
function urlBytes(query: Record<string, string>, { endpoint }: CamsSettings): number {
  return `${endpoint.protocol}://${endpoint.host}/?${stringify(query).replaceAll("'", '%27')}`.length;
}
