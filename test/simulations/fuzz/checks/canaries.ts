import { SANDBOX_CREDENTIALS } from '../../../../src/config/config.js';
import { PEPPER, type RunTenant } from '../../tenants.js';
import { MEMBERS } from '../settings.js';

/** The beginning of a JSON web token. Random IDs also contain `eyJ`, but not at their beginning and before a period. */
const TOKEN = /(?<![\w\-])eyJ[\w\-]{8,}\./v;

/** Marks a text as seen by nobody but the tenant. */
export function canaryText({ id }: RunTenant, what: string): string {
  return `Canary-${id} ${what}`;
}

/** Finds texts that must not be where they are. */
export class Canaries {
  readonly #secrets: readonly string[];
  readonly #ofOthers: ReadonlyMap<RunTenant | undefined, readonly string[]>;
  readonly #unloggable: readonly string[];
  readonly #numbers: readonly string[];

  constructor(tenants: readonly RunTenant[]) {
    const keys = tenants.flatMap(({ apiKey, readonlyKey }) => [apiKey, readonlyKey]);
    const { accessKeySecret } = SANDBOX_CREDENTIALS;
    this.#secrets = [...keys.map((key) => key.split('.')[1] ?? ''), PEPPER, accessKeySecret];
    const marks = (one: RunTenant): string[] => [`Canary-${one.id}`, one.custSpaceId, ...one.businessNumbers];
    this.#ofOthers = new Map(
      [...tenants, undefined].map((owner) => [
        owner,
        tenants.filter((one) => one !== owner).flatMap((one) => marks(one)),
      ]),
    );
    this.#numbers = [...tenants.flatMap(({ businessNumbers }) => businessNumbers), ...MEMBERS];
    this.#unloggable = [...this.#secrets, ...this.#numbers, 'chat.whatsapp.com/', 'Canary-'];
  }

  /** Returns what a response to the owner must not show. */
  inResponse(owner: RunTenant | undefined, text: string): string | undefined {
    return (
      this.#secrets.find((secret) => text.includes(secret)) ??
      this.#ofOthers.get(owner)?.find((mark) => text.includes(mark))
    );
  }

  /** Returns a full number in the text of an error. */
  numberIn(text: string): string | undefined {
    return this.#numbers.find((number) => text.includes(number));
  }

  /** Returns what no log line may show, in any form of its digits. */
  inLog(line: string): string | undefined {
    // oxlint-disable-next-line no-control-regex
    const text = /[^\u0000-\u007f]/.test(line) ? line.normalize('NFKC') : line;
    return this.#unloggable.find((canary) => text.includes(canary)) ?? TOKEN.exec(text)?.[0];
  }
}
