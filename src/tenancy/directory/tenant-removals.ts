import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Config } from '../../config/config.js';
import type { OnTenantsRemoved, RemovedTenants } from '../../util/removed-tenants.js';
import { TenantDirectory } from './tenant-directory.js';

/** For what still runs when the time of a request is over, such as sending its response. */
const MARGIN_MS = 1_000;

/** The tenants file in force. */
interface InForce {
  /** The account of each tenant, by ID. */
  readonly accountOf: ReadonlyMap<string, string>;
  readonly accounts: ReadonlySet<string>;
}

/** Removed by a reload, while their requests may still be running. */
interface Leaving {
  removed: RemovedTenants;
  readonly timer: NodeJS.Timeout;
}

/**
 * Tells every provider that implements {@link OnTenantsRemoved} which tenants and accounts are gone. It waits until
 * their requests must have ended, which still use that state. Tenants that are added again before start afresh at once.
 */
@Injectable()
export class TenantRemovals implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(TenantRemovals.name);
  readonly #leaving = new Set<Leaving>();
  #inForce: InForce = { accountOf: new Map(), accounts: new Set() };
  #stopListening: () => void = () => undefined;

  constructor(
    private readonly directory: TenantDirectory,
    private readonly discovery: DiscoveryService,
    private readonly config: Config,
  ) {}

  // Before other providers listen: what they create for those that are back must not be forgotten.
  onModuleInit(): void {
    this.#stopListening = this.directory.onChange(() => this.#applyTenantsFile());
  }

  onApplicationBootstrap(): void {
    this.#inForce = inForce(this.directory);
  }

  onModuleDestroy(): void {
    this.#stopListening();
    for (const { timer } of this.#leaving) clearTimeout(timer);
    this.#leaving.clear();
  }

  #applyTenantsFile(): void {
    const before = this.#inForce;
    const now = (this.#inForce = inForce(this.directory));
    for (const leaving of this.#leaving) {
      this.#tell(select(leaving.removed, (isThere) => isThere, now));
      leaving.removed = select(leaving.removed, (isThere) => !isThere, now);
    }
    const removed = select(everyoneIn(before), (isThere) => !isThere, now);
    if (isEmpty(removed)) return;
    const timer = setTimeout(() => {
      this.#leaving.delete(leaving);
      this.#tell(leaving.removed);
    }, this.config.http.requestBudgetMs + MARGIN_MS);
    const leaving: Leaving = { removed, timer: timer.unref() };
    this.#leaving.add(leaving);
  }

  #tell(removed: RemovedTenants): void {
    if (isEmpty(removed)) return;
    // One object may be provided under several names.
    const providers = new Set(this.discovery.getProviders().map(({ instance }): unknown => instance));
    for (const provider of providers) {
      if (!keepsState(provider)) continue;
      try {
        provider.onTenantsRemoved(removed);
      } catch (error) {
        // The others must forget them all the same.
        this.#logger.error({
          msg: 'could not forget removed tenants: a bug in the gateway; report it with this line',
          err: error instanceof Error ? error : new Error('not an error'),
        });
      }
    }
  }
}

function inForce({ tenants, accounts }: TenantDirectory): InForce {
  return {
    accountOf: new Map(Array.from(tenants, ({ id, account }) => [id, account.id])),
    accounts: new Set(accounts.keys()),
  };
}

function everyoneIn({ accountOf, accounts }: InForce): RemovedTenants {
  return {
    tenants: [...accountOf.keys()],
    accounts: [...accounts],
    memberships: Array.from(accountOf, ([tenant, account]) => ({ tenant, account })),
  };
}

/** Returns those that are wanted, judged by whether they are in force. */
function select(
  { tenants, accounts, memberships }: RemovedTenants,
  isWanted: (isThere: boolean) => boolean,
  now: InForce,
): RemovedTenants {
  return {
    tenants: tenants.filter((id) => isWanted(now.accountOf.has(id))),
    accounts: accounts.filter((id) => isWanted(now.accounts.has(id))),
    memberships: memberships.filter(({ account, tenant }) => isWanted(now.accountOf.get(tenant) === account)),
  };
}

function isEmpty({ tenants, accounts, memberships }: RemovedTenants): boolean {
  return tenants.length === 0 && accounts.length === 0 && memberships.length === 0;
}

function keepsState(provider: unknown): provider is OnTenantsRemoved {
  return typeof provider === 'object' && provider !== null && 'onTenantsRemoved' in provider;
}
