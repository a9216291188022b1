import type { AuditSettings } from './audit.js';
import type { CacheSettings } from './cache.js';
import type { CamsSettings } from './cams.js';
import type { CreateSettings } from './creates.js';
import type { GraphqlSettings } from './graphql.js';
import type { HttpSettings, ManagementSettings } from './http.js';
import type { LogFormat, LogLevel } from './log.js';
import type { PictureSettings } from './pictures.js';
import type { RedisTarget } from './redis-target.js';
import type { SandboxConfig } from './sandbox.js';
import type { StateSettings } from './stores.js';
import type { TenancySettings } from './tenancy.js';
import type { TraceSettings } from './traces.js';

/** All settings, validated and frozen. A class, so that it can serve as its own injection token. */
export class Config {
  /**
   * Whether the rules of production apply: by NODE_ENV, or because CAMS is not on this machine. Everything that is stricter
   * in production depends on it, never on NODE_ENV.
   */
  declare readonly production: boolean;
  declare readonly http: HttpSettings;
  /** `null` disables the management listener. */
  declare readonly management: ManagementSettings | null;
  declare readonly cams: CamsSettings;
  /** `null` for an in-process cache. */
  declare readonly redis: RedisTarget | null;
  declare readonly state: StateSettings;
  declare readonly cache: CacheSettings;
  declare readonly creates: CreateSettings;
  declare readonly pictures: PictureSettings;
  declare readonly audit: AuditSettings;
  /** `null` if CAMS is not the built-in sandbox. */
  declare readonly sandbox: SandboxConfig | null;
  declare readonly tenancy: TenancySettings;
  declare readonly graphql: GraphqlSettings;
  /** Whether common requests may bypass the pipelines of Nest and Apollo. */
  declare readonly fastPath: boolean;
  declare readonly logLevel: LogLevel;
  declare readonly logFormat: LogFormat;
  /** Whether request metrics have a label with the tenant. */
  declare readonly labelsTenant: boolean;
  /** `null` if no traces are exported. */
  declare readonly traces: TraceSettings | null;
  /** The settings that are not at their defaults, as they may be shown to an operator: never secrets. */
  declare readonly changed: Readonly<Record<string, string>>;
  /** What the operator should know about the settings, although they are valid. */
  declare readonly warnings: readonly string[];
  /** Reads all settings again, and with them the files of secrets. Throws {@link ConfigError}. */
  declare readonly reread: () => Config;
  /** Reads an environment variable that the tenants file references for a secret. */
  declare readonly secret: (name: string) => string | undefined;
}
