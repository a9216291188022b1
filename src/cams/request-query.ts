import { stringify } from 'node:querystring';
import { GatewayError } from '../errors/gateway-error.js';
import type { CamsSettings } from '../config/config.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { CamsQuery } from './api.js';

/**
 * All parameters of a call: those of the scope and those of the operation. Everything travels in the URL, which is
 * measured before anything is sent. Throws `VALIDATION_FAILED` and `PAYLOAD_TOO_LARGE`.
 */
export function requestQuery(scope: TenantScope, own: CamsQuery, settings: CamsSettings): CamsQuery {
  const entries = Object.entries({
    // The scope comes last: no field of an operation can stand in for it.
    ...own,
    BusinessNumber: scope.businessNumber,
    CustSpaceId: scope.custSpaceId,
    ChannelType: 'WHATSAPP',
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (!entries.every(([, value]) => value.isWellFormed())) {
    // The encoder would throw on half of a surrogate pair.
    throw new GatewayError('VALIDATION_FAILED', 'A text holds half of a surrogate pair.');
  }
  const query = Object.fromEntries(entries);
  const bytes = urlBytes(query, settings);
  if (bytes > settings.maxUrlBytes) {
    throw new GatewayError(
      'PAYLOAD_TOO_LARGE',
      `The request to CAMS would take ${bytes} bytes of URL; ${settings.maxUrlBytes} are allowed. ` +
        'A character outside ASCII takes up to twelve.',
    );
  }
  return query;
}

/** The URL as the vendor's client writes it, `'` included, which it escapes on the way out. */
function urlBytes(query: Record<string, string>, { endpoint }: CamsSettings): number {
  return `${endpoint.protocol}://${endpoint.host}/?${stringify(query).replaceAll("'", '%27')}`.length;
}
