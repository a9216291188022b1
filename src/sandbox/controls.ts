import type { SandboxAccount } from './account.js';
import type { CallLog } from './call-log.js';
import { ControlError, ControlInput } from './control-input.js';
import { readFault, readFaultSelection } from './fault-input.js';
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
  'expire-token': { POST: ({ account }, { body }) => expireToken(account, body) },
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
    return fault(404, `Unknown control. Available controls: ${Object.keys(CONTROLS).join(', ')}.`);
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

/** Makes the security token of STS expired, or valid again. */
function expireToken(account: SandboxAccount, body: string): unknown {
  account.isTokenExpired = new ControlInput(body, ['expired']).flag('expired') ?? true;
  return { expired: account.isTokenExpired };
}

function changeSettings({ behaviour }: SandboxAccount, body: string): unknown {
  const delays = ['unlistedMs', 'creatingMs', 'listLagMs'] as const;
  const input = new ControlInput(body, [...delays, 'qps', 'clockOffsetMs', 'limits', ...LIMITS]);
  // Limits are also accepted in the form in which GET shows them.
  const nested = input.nested('limits', LIMITS);
  const limit = (name: keyof SandboxLimits): number | undefined =>
    nested.integer(name, 1, 1_000_000) ?? input.integer(name, 1, 1_000_000);
  const changes = {
    ...Object.fromEntries(
      delays.map((name) => [name, input.integer(name, 0, MAX_DELAY_MS) ?? behaviour[name]]),
    ),
    ...(input.has('qps') && { qps: input.isNull('qps') ? null : input.integer('qps', 1, 1_000_000) }),
    clockOffsetMs: input.integer('clockOffsetMs', -MAX_DELAY_MS, MAX_DELAY_MS) ?? behaviour.clockOffsetMs,
    limits: Object.fromEntries(LIMITS.map((name) => [name, limit(name) ?? behaviour.limits[name]])),
  };
  return { settings: Object.assign(behaviour, changes) };
}
