/** Invalid settings; `faults` lists all of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly faults: readonly string[]) {
    super(`Invalid settings:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads environment variables and collects faults. An empty variable counts as unset. */
export class EnvReader {
  readonly #faults: string[] = [];

  constructor(private readonly env: Environment) {}

  get production(): boolean {
    return this.env['NODE_ENV'] === 'production';
  }

  fault(name: string, problem: string): void {
    this.#faults.push(`${name} ${problem}`);
  }

  finish(): void {
    if (this.#faults.length > 0) throw new ConfigError(this.#faults);
  }

  text(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  missing(name: string): string {
    this.fault(name, 'is required');
    return '';
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    this.fault(name, `must be a whole number from ${min} to ${max}`);
    return fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    return (
      this.oneOf(name, ['true', 'false', 'on', 'off', '1', '0'] as const, undefined, (text) =>
        ['true', 'on', '1'].includes(text),
      ) ?? fallback
    );
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T;
  oneOf<T extends string, R>(
    name: string,
    values: readonly T[],
    fallback: undefined,
    map: (text: T) => R,
  ): R | undefined;
  oneOf<T extends string>(
    name: string,
    values: readonly T[],
    fallback: unknown,
    map: (text: T) => unknown = (text) => text,
  ): unknown {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = values.find((candidate) => candidate === text.toLowerCase());
    if (value !== undefined) return map(value);
    this.fault(name, `must be one of ${values.join(', ')}`);
    return fallback;
  }

  matching(name: string, pattern: RegExp, what: string, fallback: string): string {
    const text = this.text(name) ?? fallback;
    if (!pattern.test(text)) this.fault(name, `must be ${what}`);
    return text;
  }

  list(name: string, valid: (item: string) => boolean, what: string): readonly string[] {
    const items = (this.text(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    for (const item of items) if (!valid(item)) this.fault(name, `contains "${item}", which is not ${what}`);
    return items;
  }
}
