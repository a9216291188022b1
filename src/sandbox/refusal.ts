/**
 * HTTP statuses of the codes that the vendor's gateway returns itself. All other codes come from the product behind it,
 * in the body of a 200 response.
 */
const GATEWAY_STATUS = new Map<string, number>(
  Object.entries({
    'Product.Unsubscript': 400,
    'Ram.PermissionDeny': 400,
    'System.LimitControl': 400,
    'InvalidTimeStamp.Expired': 400,
    'InvalidTimeStamp.Format': 400,
    'InvalidSecurityToken.Expired': 400,
    'InvalidSecurityToken.Malformed': 400,
    'InvalidSecurityToken.MismatchWithAccessKey': 400,
    InvalidSignatureMethod: 400,
    InvalidSignatureVersion: 400,
    SignatureNonceUsed: 400,
    SignatureDoesNotMatch: 400,
    IncompleteSignature: 400,
    Throttling: 400,
    'Throttling.User': 400,
    'Throttling.Api': 400,
    NoPermission: 403,
    'InvalidAccessKeyId.NotFound': 404,
    'InvalidAction.NotFound': 404,
    'InvalidApi.NotFound': 404,
    InvalidVersion: 404,
    UnsupportedHTTPMethod: 405,
    InternalError: 500,
    InternalFailure: 500,
    ServiceUnavailable: 503,
  }),
);

/** A call that was rejected and not executed. A status other than 200 means that the vendor's gateway rejected it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: string,
    message: string,
    readonly status: number = statusOf(code),
    readonly headers?: Readonly<Record<string, string>>,
  ) {
    super(message);
  }
}

function statusOf(code: string): number {
  return GATEWAY_STATUS.get(code) ?? (/^Missing[A-Z]/.test(code) ? 400 : 200);
}

/** A required parameter is absent or empty. The vendor's gateway checks required parameters itself. */
export function missing(name: string): Refusal {
  return new Refusal(`Missing${name}`, `${name} is mandatory for this action.`);
}

/** A value that the product does not accept: HTTP 200 with an error code in the body. */
export function invalid(what: string, message: string): Refusal {
  return new Refusal(`InvalidParameter.${what}`, message);
}
