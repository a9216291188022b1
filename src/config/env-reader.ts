import { readFailure, readTextFile } from '../util/read-text-file.js';
import { isRemoteEndpoint } from './addresses.js';
import { type SettingName, isSecret } from './setting-names.js';

/** Invalid settings; `faults` lists all of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly faults: readonly string[]) {
    super(`Invalid settings:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

const MAX_SECRET_BYTES = 64 * 1024;
const MODES = new Set(['', 'production', 'development', 'test']);

/** Reads environment variables and collects faults. An empty variable counts as unset. */
export class EnvReader {
  /** Each only once, although several topics may read the same variable. */
  readonly #faults = new Set<string>();
  /** Secrets whose files cannot be read. */
  readonly #unreadable = new Set<string>();
  readonly #changed = new Map<SettingName, string>();

  /**
   * Whether the rules of production apply. NODE_ENV can only tighten them: without it, they apply as soon as CAMS is not on
   * this machine, because real tenants may be behind it. With it, they apply to any endpoint, which may be a tunnel.
   */
  readonly production: boolean;

  constructor(private readonly env: Environment) {
    const endpoint = this.variable('CAMS_ENDPOINT');
    this.production =
      env['NODE_ENV'] === 'production' || (endpoint !== undefined && isRemoteEndpoint(endpoint));
  }

  /** Libraries read NODE_ENV as well, and compare it exactly: another spelling would be half a production. */
  refuseUnknownMode(): void {
    const mode = this.env['NODE_ENV'] ?? '';
    if (!MODES.has(mode)) this.fault('NODE_ENV', 'must be exactly production, development or test');
    else if (mode !== '' && mode !== 'development') this.#changed.set('NODE_ENV', mode);
  }

  /** Node reads it for every connection that does not say otherwise: to CAMS, Redis and the issuer of tokens. */
  refuseUnverifiedTls(): void {
    if (this.production && this.variable('NODE_TLS_REJECT_UNAUTHORIZED') === '0')
      this.fault(
        'NODE_TLS_REJECT_UNAUTHORIZED',
        'must not turn off the verification of certificates: remove it',
      );
  }

  /** The names of all variables that are set. */
  get names(): readonly string[] {
    return Object.keys(this.env).filter((name) => this.variable(name) !== undefined);
  }

  /** The settings read so far that are not at their defaults, as they may be shown to an operator. */
  get changed(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#changed);
  }

  fault(name: string, problem: string): void {
    // What follows from an unreadable file is not another fault.
    if (this.#unreadable.has(name)) return;
    this.#faults.add(`${name} ${problem}`);
  }

  finish(): void {
    if (this.#faults.size > 0) throw new ConfigError([...this.#faults]);
  }

  /** Returns a variable that is not a setting of the gateway. */
  variable(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  /** Returns a setting; for a secret, also the content of the file that `<NAME>_FILE` names. */
  text(name: SettingName): string | undefined;
  text(name: SettingName, fallback: string): string;
  text(name: SettingName, fallback?: string): string | undefined {
    const value = isSecret(name) ? this.#secret(name) : this.variable(name);
    if (value === undefined) return fallback;
    this.#changed.set(name, isSecret(name) ? '(set)' : withoutSecrets(value));
    return this.#note(name, value, fallback);
  }

  #secret(name: SettingName): string | undefined {
    const setting = `${name}_FILE`;
    const path = this.variable(setting);
    const value = this.variable(name);
    if (path === undefined) return value;
    if (value !== undefined) this.fault(name, `and ${setting} are both set: remove one of them`);
    try {
      const content = readTextFile(path, MAX_SECRET_BYTES).trim();
      if (content !== '') return content;
      this.fault(setting, 'is an empty file');
    } catch (error) {
      this.fault(setting, readFailure(error));
    }
    this.#unreadable.add(name);
    return '';
  }

  missing(name: SettingName): string {
    this.fault(name, 'is required');
    return '';
  }

  integer(name: SettingName, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return this.#note(name, value, fallback);
    this.fault(name, `must be a whole number from ${min} to ${max}`);
    return fallback;
  }

  flag(name: SettingName, fallback: boolean): boolean {
    const text = this.oneOf(name, ['true', 'false', 'on', 'off', '1', '0', ''] as const, '');
    return text === '' ? fallback : this.#note(name, ['true', 'on', '1'].includes(text), fallback);
  }

  oneOf<T extends string>(name: SettingName, values: readonly T[], fallback: T): T {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = values.find((candidate) => candidate === text.toLowerCase());
    if (value !== undefined) return this.#note(name, value, fallback);
    this.fault(name, `must be one of ${values.filter((one) => one !== '').join(', ')}`);
    return fallback;
  }

  /** Forgets a setting among the changed ones if it is given, but has its default. */
  #note<T>(name: SettingName, value: T, fallback: T | undefined): T {
    if (value === fallback) this.#changed.delete(name);
    return value;
  }

  matching(name: SettingName, pattern: RegExp, what: string, fallback: string): string {
    const text = this.text(name) ?? fallback;
    if (!pattern.test(text)) this.fault(name, `must be ${what}`);
    return this.#note(name, text, fallback);
  }

  /** `correct` returns what an invalid item probably means. */
  list(
    name: SettingName,
    valid: (item: string) => boolean,
    what: string,
    correct: (item: string) => string | undefined = () => undefined,
  ): readonly string[] {
    const items = (this.text(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    for (const item of items.filter((one) => !valid(one))) {
      const corrected = correct(item);
      const hint = corrected === undefined ? '' : `: write ${corrected}`;
      this.fault(name, `contains "${withoutSecrets(item)}", which is not ${what}${hint}`);
    }
    return items;
  }
}

/** Hides what may be secret in URLs: the user, the password and the query. */
function withoutSecrets(value: string): string {
  return value.replace(/\/\/[^/?#\s,]*@/g, '//').replace(/(\/\/[^?\s,]*)\?[^\s,]*/g, '$1');
}
