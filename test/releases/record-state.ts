import { type KeyedOutcome, WRITES } from '../support/keyed-writes.js';
import { eventually } from '../support/eventually.js';
import type { Json } from '../support/gateway.js';
import { TRANSPORTS, type Target, type Transport, ask, learn, operation } from '../support/operations.js';
import {
  type OperationName,
  type RecordedOperation,
  type RecordedWrite,
  type Recording,
  dump,
  redisTimeMs,
  unshiftedTimes,
} from './recording.js';
import { SeedGroups } from './seed-groups.js';
import { ACME, GLOBEX, type Side, type Stage, keyOf } from './stage.js';
import { CLOSE, sendRecorded, stableOutcome } from './write-requests.js';

const DAY_MS = 86_400_000;
/** Looks for a new group once. */
const HASTY = { CREATE_RESOLVE_TIMEOUT_MS: '0' };
/** Its requests stay in progress for as long as possible. */
const PATIENT = {
  CREATE_RESOLVE_TIMEOUT_MS: '60000',
  REQUEST_BUDGET_MS: '280000',
  CAMS_TIMEOUT_MS: '120000',
  CAMS_LATE_APPLY_MS: '1000',
};

type Asked = Omit<RecordedWrite, 'expected' | 'outcome'>;

/** Produces at least one record of each kind, with a real gateway, and collects what was requested. */
export class StateRecorder {
  readonly #writes: RecordedWrite[] = [];
  readonly #operations = new Map<OperationName, string>();
  #groups!: SeedGroups;

  constructor(
    private readonly stage: Stage,
    private readonly build: string,
  ) {}

  /** Returns the recording and the gateway that made it, whose last requests are still in progress. */
  async record(release: string): Promise<{ readonly recording: Recording; readonly writer: Side }> {
    this.#groups = await SeedGroups.of(this.stage.sandbox);
    await this.#with({ ...HASTY, OPERATION_WINDOW_MS: '1000' }, (side) => this.#unresolved(side));
    await this.#with(HASTY, async (side) => {
      await this.#outcomes(side);
      await this.#refusals(side);
      await this.#pending(side);
      await this.#unknown(side);
      await this.#quotas(side);
    });
    const writer = await this.#start(PATIENT);
    await this.#inProgress(writer);
    const operations = await this.#shown(writer);
    const recording: Recording = {
      release,
      recordedAtMs: await redisTimeMs(this.stage.state),
      writes: this.#writes,
      operations,
      sandbox: await this.#groups.changes(),
      keys: await dump(this.stage.state),
    };
    const unshifted = unshiftedTimes(recording);
    if (unshifted.length > 0) throw new Error(`Times that loading would not shift: ${unshifted.join(', ')}`);
    return { recording, writer };
  }

  async #start(settings: Readonly<Record<string, string>>): Promise<Side> {
    const side = await this.stage.gateway(this.build, settings);
    await learn(side, { ...ACME, groupId: '' });
    return side;
  }

  async #with(
    settings: Readonly<Record<string, string>>,
    step: (side: Side) => Promise<void>,
  ): Promise<void> {
    const side = await this.#start(settings);
    await step(side);
    await side.kill();
  }

  /** How long new groups stay unlisted. */
  async #unlisted(unlistedMs: number): Promise<void> {
    await this.stage.sandbox.behave({ unlistedMs });
  }

  async #target(write: string, subject: string): Promise<Target> {
    return write === 'create a group' ? { ...ACME, groupId: '', subject } : this.#groups.next(subject);
  }

  /** Sends a write whose request ends. Its outcome is recorded unless it `changes` with its operation. */
  async #ended(
    side: Side,
    asked: Asked,
    expected: RecordedWrite['expected'] = 'replayed',
    changes = false,
  ): Promise<KeyedOutcome> {
    const outcome = await sendRecorded(side, asked);
    if (outcome.replayed) throw new Error(`${asked.name}: the key has been used before.`);
    const unknown = outcome.error?.code === 'OUTCOME_UNKNOWN';
    if (unknown !== (expected !== 'replayed')) throw new Error(`${asked.name}: ${outcome.answer.text}`);
    const isStable = expected === 'replayed' && !changes;
    this.#writes.push({ ...asked, expected, ...(isStable && { outcome: stableOutcome(outcome) }) });
    return outcome;
  }

  async #create(side: Side, name: string, more: Partial<Asked> = {}): Promise<string> {
    const asked = await this.#asked(name, 'create a group', more);
    const { data, answer } = await this.#ended(side, asked, 'replayed', true);
    const id: unknown = data?.operation?.id ?? data?.id;
    if (typeof id === 'string') return id;
    throw new Error(`${name}: ${answer.text}`);
  }

  async #asked(name: string, write: string, more: Partial<Asked> = {}): Promise<Asked> {
    const target = more.target ?? (await this.#target(write, `Subject of: ${name}`));
    return { name, write, transport: 'REST', target, ...more };
  }

  async #unresolved(side: Side): Promise<void> {
    await this.#unlisted(DAY_MS);
    const id = await this.#create(side, 'create a group that is never found');
    await eventually(async () => (await statusOf(side, id)) === 'UNRESOLVED' || undefined);
    this.#operations.set('unresolved', id);
  }

  async #outcomes(side: Side): Promise<void> {
    await this.#unlisted(0);
    for (const transport of TRANSPORTS)
      for (const { name: write } of WRITES) {
        const asked = await this.#asked(`${write} over ${transport}`, write, { transport });
        const { data } = await this.#ended(side, asked);
        if (data?.operation) this.#operations.set('succeeded', data.operation.id);
      }
    const target = await this.#groups.next('Subject of: update with a precondition');
    const { headers } = await side.rest(operation('read a group').rest(target).path);
    const precondition = { 'if-match': headers.get('etag') ?? '' };
    const more = { target, headers: precondition };
    await this.#ended(side, await this.#asked('update with a precondition', 'update a group', more));
  }

  async #refusals(side: Side): Promise<void> {
    for (const action of ['UpdateChatGroup', 'AddChatGroup', 'AddChatGroupInviteLink'])
      await this.stage.sandbox.fault({ action, kind: 'reject', code: 'InvalidParameter.Anything', count: 1 });
    await this.#ended(side, await this.#asked('update that CAMS refuses', 'update a group'));
    await this.#ended(side, await this.#asked('create that CAMS refuses', 'create a group'));
    const content = { withInviteLink: true };
    const asked = await this.#asked('create whose link CAMS refuses', 'create a group', { content });
    await this.#ended(side, asked, 'replayed', true);
  }

  async #pending(side: Side): Promise<void> {
    await this.#unlisted(DAY_MS);
    const pending: [OperationName, Transport, Readonly<Record<string, string>>][] = [
      ['found later', 'REST', { prefer: 'respond-async' }],
      ['closed later', 'GraphQL', {}],
      ['kept', 'REST', {}],
      ['closed', 'REST', {}],
    ];
    for (const [name, transport, headers] of pending)
      this.#operations.set(name, await this.#create(side, `create ${name}`, { transport, headers }));
    const operationId = this.#operations.get('closed') ?? '';
    for (const transport of TRANSPORTS) {
      const more = { transport, operationId, target: { ...ACME, groupId: '' } };
      await this.#ended(side, await this.#asked(`close over ${transport}`, CLOSE, more));
    }
  }

  async #unknown(side: Side): Promise<void> {
    for (const { name: write, action } of WRITES) {
      await this.stage.sandbox.fault({ action, kind: 'reset-after-apply', count: 1 });
      await this.#ended(side, await this.#asked(`${write} without a response`, write), 'reconciled');
    }
    for (const { name: write, action } of WRITES) {
      const name = `${write} that is lost`;
      // Whether a link was created or deleted is judged by the link before, which must be the same in every sandbox.
      const target = action.endsWith('InviteLink') ? this.#groups.nextWithSameLink('') : undefined;
      await this.stage.sandbox.fault({ action, kind: 'reset', count: 1 });
      await this.#ended(side, await this.#asked(name, write, { ...(target && { target }) }), 'undecided');
    }
  }

  /** Uses up the deletes of one tenant and the requests of another. */
  async #quotas(side: Side): Promise<void> {
    const groups = await SeedGroups.of(this.stage.sandbox, GLOBEX);
    const key = keyOf('globex');
    for (let deletes = 0; deletes < 2; deletes += 1) {
      const { answer } = await ask(side, 'REST', operation('delete a group'), await groups.next(''), { key });
      if (answer.status !== 204) throw new Error(answer.text);
    }
    for (let requests = 0; requests < 3; requests += 1)
      await side.rest('/v1/viewer', { key: keyOf('initech') });
  }

  async #inProgress(side: Side): Promise<void> {
    await this.stage.sandbox.fault({ action: 'UpdateChatGroup', kind: 'hang', count: 1 });
    const sent = await this.#asked('update in progress', 'update a group');
    await this.#begun(side, sent, 'sent');
    const content = { description: 'waits for the lock of the group' };
    await this.#begun(side, { ...sent, name: 'update that waits', content }, 'started');
    await this.#begun(side, await this.#asked('create in progress', 'create a group'), 'applied');
    await this.#unlisted(0);
    await this.stage.sandbox.fault({ action: 'AddChatGroupInviteLink', kind: 'hang', count: 1 });
    const withLink = { content: { withInviteLink: true } };
    await this.#begun(
      side,
      await this.#asked('create link in progress', 'create a group', withLink),
      'applied',
    );
    // Its group is found before its link is sent.
    await eventually(async () => (await this.#count('PENDING', 'row')) > 0 || undefined);
    // Each other pending operation has been looked for, so that every recording has the same fields.
    await eventually(async () => {
      const lookedFor = await this.#count('PENDING', 'attempts');
      return lookedFor === (await this.#count('PENDING')) - 1 || undefined;
    });
  }

  /** Sends a write whose request stays in progress, and waits until its record says so. */
  async #begun(side: Side, asked: Asked, state: 'started' | 'sent' | 'applied'): Promise<void> {
    const count = await this.#count(state);
    // It ends when the gateway is killed.
    sendRecorded(side, asked).catch(() => undefined);
    await eventually(async () => (await this.#count(state)) > count || undefined);
    this.#writes.push({ ...asked, expected: state });
  }

  /** Returns how many records are in a state and have a field. */
  async #count(state: string, field = 'state'): Promise<number> {
    const values = (await dump(this.stage.state)).map(({ hash }): Json => hash?.['v']);
    return values.filter((value) => value?.state === state && value[field] !== undefined).length;
  }

  async #shown(side: Side): Promise<Recording['operations']> {
    const shown = [...this.#operations].map(async ([name, id]): Promise<[string, RecordedOperation]> => {
      const { subject, status } = (await side.rest(`/v1/operations/${id}`)).body;
      return [name, { id, subject, status }];
    });
    return Object.fromEntries(await Promise.all(shown)) as Recording['operations'];
  }
}

async function statusOf(side: Side, id: string): Promise<string> {
  return (await side.rest(`/v1/operations/${id}`)).body.status;
}
