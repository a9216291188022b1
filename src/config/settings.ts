import type { RedisTarget } from './redis-target.js';

/** How the built-in CAMS sandbox listens and behaves. */
export interface SandboxConfig {
  readonly host: string;
  readonly port: number;
  /** Take a free port where `port` is in use. */
  readonly fallbackToFreePort: boolean;
  readonly unlistedMs: number;
  readonly creatingMs: number;
  readonly listLagMs: number;
  /** Calls a second before it throttles; `null`: never. */
  readonly qps: number | null;
}

export interface JwtSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: { readonly url: string } | { readonly file: string };
  readonly tenantClaim: string;
}

/** Address of CAMS; `null` credentials: the vendor's default chain. */
export interface CamsSettings {
  readonly endpoint: CamsEndpoint;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken?: string;
  } | null;
  readonly timeoutMs: number;
  readonly lateApplyMs: number;
  readonly pageSize: number;
  readonly maxUrlBytes: number;
  readonly maxConcurrency: number;
  readonly qps: number;
}

/** How long after it was sent a write that has no answer may still be applied, ms. */
export function longestWriteMs({ timeoutMs, lateApplyMs }: CamsSettings): number {
  return timeoutMs + lateApplyMs;
}

/** The coherent page cache; ages in ms since the page was listed upstream. */
export interface CacheSettings {
  /** Whether a write goes on when the cache cannot be told of it, or is refused. */
  readonly coherence: 'available' | 'strict';
  readonly freshMs: number;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  /** For how long after a write nothing is stored. */
  readonly settleMs: number;
}

/** `strict`: in production only a server that neither evicts nor forgets is used for state; `relaxed`: whatever answers. */
export type StateDurability = 'strict' | 'relaxed';

/** Idempotency records, operations, locks and quotas. */
export interface StateSettings {
  /** `null`: they live in this process. */
  readonly redis: RedisTarget | null;
  readonly durability: StateDurability;
}

/** The record of writes that an operator keeps. */
export interface AuditSettings {
  /** Lines are appended to it, besides the log; `null`: the log alone has them. */
  readonly file: string | null;
  /** Whether a write is refused whose attempt cannot be recorded. */
  readonly required: boolean;
}

export interface CamsEndpoint {
  readonly protocol: 'HTTP' | 'HTTPS';
  /** `host[:port]` */
  readonly host: string;
}

/** All settings, checked and frozen; a class so that it names itself to dependency injection. */
export class Config {
  declare readonly production: boolean;
  declare readonly http: {
    readonly host: string;
    readonly port: number;
    readonly trustProxy: readonly string[];
    readonly corsOrigins: readonly string[];
    readonly requestBudgetMs: number;
  };
  /** `null`: no management listener. */
  declare readonly management: { readonly host: string; readonly port: number } | null;
  declare readonly cams: CamsSettings;
  /** `null`: the cache lives in this process. */
  declare readonly redis: RedisTarget | null;
  declare readonly cache: CacheSettings;
  declare readonly state: StateSettings;
  declare readonly audit: AuditSettings;
  declare readonly creates: { readonly resolveTimeoutMs: number; readonly operationWindowMs: number };
  /** `null`: CAMS is elsewhere. */
  declare readonly sandbox: SandboxConfig | null;
  declare readonly tenancy: {
    readonly file: string;
    readonly pepper: string;
    readonly jwt: JwtSettings | null;
  };
  declare readonly graphql: { readonly introspection: boolean; readonly ide: boolean };
  declare readonly logLevel: LogLevel;
  /** Reads a secret that the tenants file names by its environment variable. */
  declare readonly secret: (name: string) => string | undefined;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
