import { GatewayError, notFound, validationFailed } from '../errors/gateway-error.js';
import type { RequestContext } from '../request/request-context.js';
import type { Account } from './account.js';
import type { Permission } from './permissions.js';
import type { Principal } from './principal.js';
import type { Tenant } from './tenant.js';

/**
 * One number of one space that the caller owns, for one request. The cache, the CAMS client and everything else that
 * touches groups require it. Only {@link authorizeScope} creates one, so code that skips the check does not compile.
 * It must not outlive the request.
 */
class Scope {
  // A private field makes the type nominal: an object literal cannot pass for a scope.
  readonly #made = true;
  #key: string | undefined;

  constructor(
    readonly tenant: Tenant,
    readonly custSpaceId: string,
    readonly businessNumber: string,
    readonly permissions: ReadonlySet<Permission>,
    /** The authorized request, with its deadline, its idempotency key, and fields for its log line. */
    readonly request: RequestContext,
  ) {}

  get account(): Account {
    return this.tenant.account;
  }

  /** Equal for equal (account, space, number), regardless of the caller. */
  get key(): string {
    this.#key ??= JSON.stringify([this.account.id, this.custSpaceId, this.businessNumber]);
    return this.#key;
  }

  allows(permission: Permission): boolean {
    return this.#made && this.permissions.has(permission);
  }

  /** Throws `FORBIDDEN` unless the caller holds the permission. */
  require(permission: Permission): void {
    if (!this.allows(permission)) throw forbidden(permission);
  }
}

export type TenantScope = Scope;
export type { Account } from './account.js';
export type { CredentialSource } from './account.js';

/** The scope that a caller requests. Without a space ID, the caller's only space. */
export interface ScopeTarget {
  readonly custSpaceId?: string;
  readonly businessNumber: string;
}

/**
 * Checks ownership, then the permission. A space or number of another tenant is treated like one that does not exist.
 * Throws `NOT_FOUND`, `VALIDATION_FAILED` if the space ID is required, or `FORBIDDEN` without the permission.
 */
export function authorizeScope(
  principal: Principal,
  target: ScopeTarget,
  permission: Permission,
  request: RequestContext,
): TenantScope {
  const custSpaceId = target.custSpaceId ?? onlySpace(principal);
  const numbers = principal.spaces.get(custSpaceId);
  if (numbers === undefined) throw notFound();
  if (numbers !== null && !numbers.has(target.businessNumber)) throw notFound();
  const scope = new Scope(
    principal.tenant,
    custSpaceId,
    target.businessNumber,
    principal.permissions,
    request,
  );
  scope.require(permission);
  return scope;
}

/**
 * Returns the scopes of several numbers of one space; without `businessNumbers`, of all numbers of the space, in the order of the
 * tenants file. Throws like {@link authorizeScope}, and `VALIDATION_FAILED` if there are no numbers, or more than `atMost`.
 */
export function authorizeScopes(
  principal: Principal,
  target: { readonly custSpaceId?: string; readonly businessNumbers?: readonly string[] },
  { permission, atMost }: { readonly permission: Permission; readonly atMost: number },
  request: RequestContext,
): readonly TenantScope[] {
  const custSpaceId = target.custSpaceId ?? onlySpace(principal);
  const owned = principal.spaces.get(custSpaceId);
  if (owned === undefined) throw notFound();
  if (!principal.permissions.has(permission)) throw forbidden(permission);
  const refuse = (message: string): GatewayError => validationFailed([{ field: 'businessNumbers', message }]);
  const numbers = target.businessNumbers ?? (owned && [...owned]);
  if (numbers === null)
    throw refuse('is required, because your access to the space is not limited to certain numbers');
  if (numbers.length === 0) throw refuse('must have at least one number');
  if (numbers.length > atMost) throw refuse(`is required, because the space has more than ${atMost} numbers`);
  return numbers.map((businessNumber) =>
    authorizeScope(principal, { custSpaceId, businessNumber }, permission, request),
  );
}

export function forbidden(permission: Permission): GatewayError {
  return new GatewayError('FORBIDDEN', `These credentials do not have the permission ${permission}.`);
}

function onlySpace(principal: Principal): string {
  const [first, ...others] = principal.spaces.keys();
  if (first === undefined) throw notFound();
  if (others.length > 0) {
    throw validationFailed([
      { field: 'custSpaceId', message: 'is required if you have more than one space' },
    ]);
  }
  return first;
}
