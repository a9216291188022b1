import { decodeQuery } from './percent-encoding.js';
import type { Parameters } from './parameters.js';

/** A request as it arrived: header names in lower case, the raw query without its `?`. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** A request to the RPC interface, whose protocol tells where its action and its signature are. */
export interface ReceivedCall {
  readonly request: ReceivedRequest;
  /** `ACS3` has its own fields in headers, `V1` among the parameters. */
  readonly protocol: 'ACS3' | 'V1';
  readonly action: string;
  readonly version: string;
  /** Format of the response. The vendor's default for V1 is XML. */
  readonly format: 'JSON' | 'XML';
  /** The parameters of the operation, without those of the protocol. */
  readonly parameters: Parameters;
  /** Everything in the query and the form, in order; null if it is not percent-encoded UTF-8. */
  readonly pairs: readonly (readonly [name: string, value: string])[] | null;
}

/** The parameters that every V1 request may have, whatever its operation. */
const V1_PARAMETERS: ReadonlySet<string> = new Set([
  'AccessKeyId',
  'Action',
  'Format',
  'RegionId',
  'SecurityToken',
  'Signature',
  'SignatureMethod',
  'SignatureNonce',
  'SignatureType',
  'SignatureVersion',
  'Timestamp',
  'Version',
]);

/** Reads a request without judging it. */
export function readCall(request: ReceivedRequest): ReceivedCall {
  const pairs = readPairs(request);
  const all = new Map(pairs ?? []);
  // The V1 client of the vendor also sends x-acs-action, so only the signature tells the two apart.
  const isSigned = pairs === null || pairs.some(([name]) => V1_PARAMETERS.has(name));
  const isV1 = isSigned && !request.headers.has('authorization');
  if (!isV1) {
    return {
      request,
      protocol: 'ACS3',
      action: request.headers.get('x-acs-action') ?? '',
      version: request.headers.get('x-acs-version') ?? '',
      format: 'JSON',
      parameters: all,
      pairs,
    };
  }
  return {
    request,
    protocol: 'V1',
    action: all.get('Action') ?? '',
    version: all.get('Version') ?? '',
    format: all.get('Format')?.toUpperCase() === 'JSON' ? 'JSON' : 'XML',
    parameters: new Map([...all].filter(([name]) => !V1_PARAMETERS.has(name))),
    pairs,
  };
}

function readPairs({ query, headers, body }: ReceivedRequest): ReceivedCall['pairs'] {
  // ACS3 covers the body by its hash, and the SDKs for ACS3 send all parameters of RPC calls in the query.
  const hasForm =
    !headers.has('authorization') &&
    headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') === true;
  try {
    return [...decodeQuery(query), ...(hasForm ? decodeQuery(body.toString()) : [])];
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
