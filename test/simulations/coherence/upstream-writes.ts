import type { Findings } from './findings.js';
import type { Group } from './groups.js';

/** A write to CAMS, identified by the parameters that distinguish it from other writes. */
export interface UpstreamWrite {
  readonly action: string;
  readonly groupId?: string;
  readonly subject?: string;
  readonly member?: string;
}

interface Expected {
  readonly group: Group;
  /** Maximum number of calls. */
  most: number;
}

/**
 * Compares the writes that reached the sandbox with the requested ones: no write may be sent twice, or at all if the
 * gateway reported that it sent nothing.
 */
export class UpstreamWrites {
  readonly #passed = new Map<string, number>();
  readonly #expected = new Map<string, Expected>();

  /** Records a call; `query` is in wire format. */
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

  /** Expects one call of this write. Call the returned function if the gateway reports that it sent nothing. */
  expect(group: Group, write: UpstreamWrite): () => void {
    const key = keyOf(write);
    const expected = this.#expected.get(key) ?? { group, most: 0 };
    this.#expected.set(key, expected);
    expected.most += 1;
    return () => {
      expected.most -= 1;
    };
  }

  /** Reports unwanted calls. Call it once, when no more calls can be sent. */
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
