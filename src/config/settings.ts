import type { AuditSettings } from './audit.js';
import type { CacheSettings } from './cache.js';
import type { CamsSettings } from './cams.js';
import type { CreateSettings } from './creates.js';
import type { GraphqlSettings } from './graphql.js';
import type { HttpSettings, ManagementSettings } from './http.js';
import type { LogLevel } from './log-level.js';
import type { RedisTarget } from './redis-target.js';
import type { SandboxConfig } from './sandbox.js';
import type { StateSettings } from './stores.js';
import type { TenancySettings } from './tenancy.js';

/** All settings, checked and frozen; a class so that it names itself to dependency injection. */
export class Config {
  declare readonly production: boolean;
  declare readonly http: HttpSettings;
  /** `null`: no management listener. */
  declare readonly management: ManagementSettings | null;
  declare readonly cams: CamsSettings;
  /** `null`: the cache lives in this process. */
  declare readonly redis: RedisTarget | null;
  declare readonly state: StateSettings;
  declare readonly cache: CacheSettings;
  declare readonly creates: CreateSettings;
  declare readonly audit: AuditSettings;
  /** `null`: CAMS is elsewhere. */
  declare readonly sandbox: SandboxConfig | null;
  declare readonly tenancy: TenancySettings;
  declare readonly graphql: GraphqlSettings;
  /** Whether common requests may be answered without Nest's and Apollo's pipelines. */
  declare readonly fastPath: boolean;
  declare readonly logLevel: LogLevel;
  /** Reads a secret that the tenants file names by its environment variable. */
  declare readonly secret: (name: string) => string | undefined;
}
