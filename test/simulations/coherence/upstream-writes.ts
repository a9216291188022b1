import type { Findings } from './findings.js';
import type { Group } from './groups.js';

/** A write to CAMS, by what makes it different from others. */
export interface UpstreamWrite {
  readonly action: string;
  readonly groupId?: string;
  readonly subject?: string;
  readonly member?: string;
}

interface Expected {
  readonly group: Group;
  /** How many calls there may be. */
  most: number;
}

/**
 * Writes as they passed to the sandbox, against those that were asked for: none is sent twice, and none of which the
 * gateway says that it sent nothing.
 */
export class UpstreamWrites {
  readonly #passed = new Map<string, number>();
  readonly #expected = new Map<string, Expected>();

  /** A call passes; `query` as it travels. */
  passed(action: string, query: string): void {
    const parameters = new URLSearchParams(query);
    const groupId = parameters.get('GroupId') ?? undefined;
    const subject = parameters.get('Subject') ?? undefined;
    const member = /\d+/.exec(parameters.get('List') ?? '')?.[0];
    const key = keyOf({
      action,
      ...(groupId !== undefined && { groupId }),
      ...(subject !== undefined && { subject }),
      ...(member !== undefined && { member }),
    });
    this.#passed.set(key, (this.#passed.get(key) ?? 0) + 1);
  }

  /** This write is asked for; to be called when it was answered that nothing was sent. */
  expect(group: Group, write: UpstreamWrite): () => void {
    const key = keyOf(write);
    const expected = this.#expected.get(key) ?? { group, most: 0 };
    this.#expected.set(key, expected);
    expected.most += 1;
    return () => {
      expected.most -= 1;
    };
  }

  /** Finds the calls that nobody asked for; once, when nothing can be sent any more. */
  judge(findings: Findings): void {
    for (const [key, { group, most }] of this.#expected) {
      const passed = this.#passed.get(key) ?? 0;
      if (passed > most)
        findings.violated('unwanted', group.scope, group.name, `${passed} calls instead of ${most}: ${key}`);
    }
  }
}

function keyOf({ action, groupId = '', subject = '', member = '' }: UpstreamWrite): string {
  return [action, groupId, subject, member].join(' ');
}
