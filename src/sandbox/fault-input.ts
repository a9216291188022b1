import { ControlError, ControlInput } from './control-input.js';
import { FAULT_KINDS, type Fault, type FaultKind } from './faults.js';
import { isAction } from './operations.js';
import { UNDOABLE_FIELDS, type UndoSelection } from './undo.js';
import { DAY_MS } from '../util/durations.js';

const FIELDS = [
  'action',
  'kind',
  'count',
  'ratio',
  'ms',
  'code',
  'message',
  'status',
  'body',
  'fields',
  'members',
  'apply',
];
/** The kinds that need `ms`. */
const TIMED_KINDS: ReadonlySet<FaultKind> = new Set(['latency', 'late-apply', 'fails-later']);

/** Reads a new fault from a request body. */
export function readFault(body: string): Omit<Fault, 'id'> {
  const input = new ControlInput(body, FIELDS);
  const kind = input.oneOf('kind', FAULT_KINDS);
  if (kind === undefined) throw new ControlError(400, `kind is required: one of ${FAULT_KINDS.join(', ')}.`);
  const ms = input.integer('ms', 0, DAY_MS);
  if (ms === undefined && TIMED_KINDS.has(kind)) {
    throw new ControlError(400, `ms is required for ${kind}.`);
  }
  const action = checkAction(input.text('action'));
  return {
    kind,
    action,
    ...readUndoSelection(input, kind, action),
    count: input.integer('count', 1, 1_000_000_000),
    ratio: input.ratio('ratio'),
    ms,
    code: input.text('code'),
    message: input.text('message'),
    status: input.integer('status', 200, 599),
    body: input.text('body'),
    apply: input.flag('apply'),
  };
}

/** Reads which faults to remove. An omitted field matches every fault. */
export function readFaultSelection(
  body: string,
  query: URLSearchParams,
): { id?: number | undefined; kind?: FaultKind | undefined; action?: string | undefined } {
  const id = query.get('id');
  const fromQuery = { ...Object.fromEntries(query), ...(id !== null && { id: Number(id) }) };
  // All fields of a fault are accepted, so that the body that added a fault also removes it.
  const input = new ControlInput(body.trim() === '' ? JSON.stringify(fromQuery) : body, ['id', ...FIELDS]);
  return {
    id: input.integer('id', 1, Number.MAX_SAFE_INTEGER),
    kind: input.oneOf('kind', FAULT_KINDS),
    action: checkAction(input.text('action')),
  };
}

function checkAction(action: string | undefined): string | undefined {
  if (action === undefined || isAction(action)) return action;
  throw new ControlError(400, `action ${action} does not exist.`);
}

/** Each part can only be undone of one operation, so a fault that names another one is a mistake. */
function readUndoSelection(input: ControlInput, kind: FaultKind, action: string | undefined): UndoSelection {
  const [fields, members] = [input.texts('fields'), input.texts('members')];
  if (fields && members) throw new ControlError(400, 'fields and members cannot be combined.');
  const names = new Set(UNDOABLE_FIELDS.map((name) => name.toLowerCase()));
  if (fields?.some((field) => !names.has(field.toLowerCase()))) {
    throw new ControlError(400, `fields must be some of ${UNDOABLE_FIELDS.join(', ')}.`);
  }
  const [name, only] = fields ? ['fields', 'UpdateChatGroup'] : ['members', 'DeleteChatGroupParticipants'];
  if ((fields ?? members) && (kind !== 'fails-later' || (action ?? only) !== only)) {
    throw new ControlError(400, `${name} needs the kind fails-later and the action ${only}.`);
  }
  return { fields, members };
}
