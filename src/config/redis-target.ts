/** Where one Redis server listens. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

interface RedisAccess {
  readonly tls: boolean;
  /** `null`: the server asks for none. */
  readonly credentials: RedisCredentials | null;
}

/** What `REDIS_URL` leads to. Printing or serialising it shows no password. */
export type RedisTarget =
  | ({
      readonly kind: 'standalone';
      readonly node: RedisAddress;
      readonly db: number;
    } & RedisAccess)
  /** Some masters or replicas; the rest is asked of them. */
  | ({ readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] } & RedisAccess)
  /** The nodes are the sentinels, `name` the master that they watch; the credentials are the master's. */
  | ({
      readonly kind: 'sentinel';
      readonly nodes: readonly RedisAddress[];
      readonly name: string;
    } & RedisAccess);

/** User and password of a Redis server, kept from whoever prints or serialises the settings. */
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
}

const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26379;
const SENTINEL_SCHEME = 'redis+sentinel://';
const FORMS =
  'must be redis://… or rediss://…, several of them separated by commas for a Cluster, or redis+sentinel://host:port,…/name';
const NOT_ENCODED = 'holds a user or password that is not percent-encoded';

/** Reads the value of `REDIS_URL`. A fault never quotes it, since it may hold a password. */
export function parseRedisTarget(text: string): RedisTarget | { readonly fault: string } {
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
    if (db === undefined) return { fault: 'may have a path only to name a database by its number' };
    return { kind: 'standalone', node: addressOf(first, DEFAULT_PORT), db: Number(db), ...access };
  }
  if (!urls.every((url) => /^\/?0?$/.test(url.pathname)))
    return { fault: 'cannot name a database of a Cluster' };
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

/** None, unless all of them are URLs of servers. */
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
    // A stray percent sign: decoding says no more than that.
    return undefined;
  }
}
