/** Address of a Redis server. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

interface RedisAccess {
  readonly tls: boolean;
  /** `null` if the server requires none. */
  readonly credentials: RedisCredentials | null;
}

/** The target of `REDIS_URL`. Printing or serialising it never reveals the password. */
export type RedisTarget =
  | ({
      readonly kind: 'standalone';
      readonly node: RedisAddress;
      readonly db: number;
    } & RedisAccess)
  /** Some of the masters or replicas, from which the others are discovered. */
  | ({ readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] } & RedisAccess)
  /** `nodes` are the sentinels and `name` is the master that they monitor. The credentials are the master's. */
  | ({
      readonly kind: 'sentinel';
      readonly nodes: readonly RedisAddress[];
      readonly name: string;
    } & RedisAccess);

/** User and password of a Redis server, hidden when the settings are printed or serialised. */
export class RedisCredentials {
  readonly #username: string | undefined;
  readonly #password: string;

  constructor(username: string | undefined, password: string) {
    this.#username = username;
    this.#password = password;
  }

  get username(): string | undefined {
    return this.#username;
  }

  get password(): string {
    return this.#password;
  }

  equals(other: RedisCredentials | null): boolean {
    return other !== null && this.#username === other.#username && this.#password === other.#password;
  }
}

const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26379;
const SENTINEL_SCHEME = 'redis+sentinel://';
const SENTINEL_OVER_TLS = /^(?:rediss\+sentinel|redis\+sentinels|sentinels):/i;
const NO_SENTINEL_OVER_TLS =
  'is Sentinel over TLS, which is not supported: use redis+sentinel://… with REDIS_PLAINTEXT=allowed on a private network';
const FORMS =
  'must be redis://… or rediss://…, comma-separated for a Cluster, or redis+sentinel://host:port,…/name';
const NOT_ENCODED = 'contains a user or password that is not percent-encoded';

/** Parses the value of `REDIS_URL`. A fault never quotes it, because it may contain a password. */
export function parseRedisTarget(text: string): RedisTarget | { readonly fault: string } {
  if (SENTINEL_OVER_TLS.test(text)) return { fault: NO_SENTINEL_OVER_TLS };
  return text.startsWith(SENTINEL_SCHEME) ? parseSentinels(text) : parseServers(text);
}

function parseServers(text: string): RedisTarget | { readonly fault: string } {
  const urls = serverUrls(text.split(','));
  const [first, ...others] = urls;
  if (!first) return { fault: FORMS };
  const credentials = credentialsOf(first);
  if (credentials === undefined) return { fault: NOT_ENCODED };
  const access = { tls: first.protocol === 'rediss:', credentials };
  if (others.length === 0) {
    const db = /^\/?(\d{0,4})$/.exec(first.pathname)?.[1];
    if (db === undefined) return { fault: 'may only have a path that is a database number' };
    return { kind: 'standalone', node: addressOf(first, DEFAULT_PORT), db: Number(db), ...access };
  }
  if (!urls.every((url) => /^\/?0?$/.test(url.pathname)))
    return { fault: 'must not have a database number for a Cluster' };
  if (!others.every((url) => accessOf(url) === accessOf(first))) {
    return { fault: 'must have the same scheme, user and password in every URL of a Cluster' };
  }
  return { kind: 'cluster', nodes: urls.map((url) => addressOf(url, DEFAULT_PORT)), ...access };
}

function parseSentinels(text: string): RedisTarget | { readonly fault: string } {
  const [, login = '', hosts = '', name = ''] =
    /^(?:(.*)@)?([^/@]+)\/([\w.-]+)$/.exec(text.slice(SENTINEL_SCHEME.length)) ?? [];
  const urls = serverUrls(hosts.split(',').map((host) => `redis://${login && `${login}@`}${host.trim()}`));
  const [first] = urls;
  if (!first || name === '') return { fault: FORMS };
  const credentials = credentialsOf(first);
  if (credentials === undefined) return { fault: NOT_ENCODED };
  const nodes = urls.map((url) => addressOf(url, DEFAULT_SENTINEL_PORT));
  return { kind: 'sentinel', nodes, name, tls: false, credentials };
}

/** Returns the server URLs, or none if any of them is invalid. */
function serverUrls(texts: readonly string[]): readonly URL[] {
  const urls = texts.map((text) => URL.parse(text.trim())).filter(isServer);
  return urls.length === texts.length ? urls : [];
}

function isServer(url: URL | null): url is URL {
  return (
    url !== null &&
    ['redis:', 'rediss:'].includes(url.protocol) &&
    url.hostname !== '' &&
    !url.search &&
    !url.hash
  );
}

function addressOf(url: URL, port: number): RedisAddress {
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? port : Number(url.port) };
}

function accessOf({ protocol, username, password }: URL): string {
  return JSON.stringify([protocol, username, password]);
}

function credentialsOf(url: URL): RedisCredentials | null | undefined {
  if (url.username === '' && url.password === '') return null;
  try {
    return new RedisCredentials(
      decodeURIComponent(url.username) || undefined,
      decodeURIComponent(url.password),
    );
  } catch {
    // A stray percent sign.
    return undefined;
  }
}
