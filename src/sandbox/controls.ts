import type { SandboxAccount } from './account.js';
import type { CallLog } from './call-log.js';
import { ControlError, ControlInput, readFault, readFaultSelection } from './control-input.js';
import type { Faults } from './faults.js';
import { changeGroups, changeMembers, view } from './group-controls.js';
import type { SandboxLimits } from './settings.js';
import type { Timers } from './timers.js';
import { DAY_MS } from '../util/durations.js';

export const CONTROLS_PATH = '/__sandbox__/';

/** What the controls work on. */
export interface Controlled {
  readonly account: SandboxAccount;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly timers: Timers;
}

interface Request {
  readonly query: URLSearchParams;
  readonly body: string;
}

/** Returns the JSON of the response. Throws a {@link ControlError}. */
type Control = (controlled: Controlled, request: Request) => unknown;

const MAX_DELAY_MS = DAY_MS;
const LIMITS: readonly (keyof SandboxLimits)[] = [
  'groupsPerNumber',
  'membersPerGroup',
  'subjectLength',
  'descriptionLength',
  'pageSize',
];

const CONTROLS: Readonly<Record<string, Readonly<Record<string, Control>>>> = {
  faults: {
    GET: ({ faults }) => ({ faults: faults.all }),
    POST: ({ faults }, { body }) => ({ fault: faults.add(readFault(body)) }),
    DELETE: ({ faults }, { body, query }) => ({ removed: faults.remove(readFaultSelection(body, query)) }),
  },
  calls: {
    GET: ({ calls }, { query }) => ({ calls: calls.read(query.get('action') ?? undefined) }),
    DELETE({ calls }) {
      calls.clear();
      return { calls: [] };
    },
  },
  groups: {
    GET: ({ account }, { query }) => ({
      groups: account.groups
        .all(query.get('custSpaceId') ?? '', query.get('businessNumber') ?? '')
        .map((group) => view(group)),
    }),
    POST: ({ account }, { body }) => changeGroups(body, account),
  },
  members: { POST: ({ account }, { body }) => changeMembers(body, account) },
  settings: {
    GET: ({ account }) => ({ settings: account.behaviour }),
    POST: ({ account }, { body }) => changeSettings(account, body),
  },
  reset: {
    POST({ account, faults, calls, timers }) {
      timers.callOff();
      faults.remove();
      account.reset();
      calls.clear();
      return { reset: true };
    },
  },
};

/** Carries out one control. Never throws because of caller input. */
export function control(
  controlled: Controlled,
  method: string,
  name: string,
  request: Request,
): { status: number; allow?: string; body: unknown } {
  const methods = Object.hasOwn(CONTROLS, name) ? CONTROLS[name] : undefined;
  if (methods === undefined) {
    return fault(404, `There is no such control. Available controls: ${Object.keys(CONTROLS).join(', ')}.`);
  }
  const carryOut = Object.hasOwn(methods, method) ? methods[method] : undefined;
  const allow = Object.keys(methods).join(', ');
  if (carryOut === undefined) return { ...fault(405, `${name} supports ${allow}.`), allow };
  try {
    return { status: 200, body: carryOut(controlled, request) };
  } catch (error) {
    if (error instanceof ControlError) return fault(error.status, error.message);
    throw error;
  }
}

function fault(status: number, message: string): { status: number; body: unknown } {
  return { status, body: { error: message } };
}

function changeSettings({ behaviour }: SandboxAccount, body: string): unknown {
  const delays = ['unlistedMs', 'creatingMs', 'listLagMs'] as const;
  const input = new ControlInput(body, [...delays, 'qps', ...LIMITS]);
  const changes = {
    ...Object.fromEntries(
      delays.map((name) => [name, input.integer(name, 0, MAX_DELAY_MS) ?? behaviour[name]]),
    ),
    ...(input.has('qps') && { qps: input.isNull('qps') ? null : input.integer('qps', 1, 1_000_000) }),
    limits: Object.fromEntries(
      LIMITS.map((name) => [name, input.integer(name, 1, 1_000_000) ?? behaviour.limits[name]]),
    ),
  };
  return { settings: Object.assign(behaviour, changes) };
}
