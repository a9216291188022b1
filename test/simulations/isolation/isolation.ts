import type { LoggedCall } from '../../support/sandbox-control.js';
import type { Stage } from '../fuzz/stage.js';
import { Sender } from '../fuzz/wire/sender.js';
import type { RunTenant } from '../tenants.js';
import type { Options } from './options.js';
import { accountsChecked, backgroundEnded } from './background.js';
import { OwnedNames } from './owned-names.js';
import { TENANTS } from './settings.js';
import { Tally } from './tally.js';
import { trialOf } from './trials.js';
import { Caller } from './caller.js';

/**
 * Trials of one caller, before another one follows. Long windows are faster: an unknown group is looked for once every
 * two seconds, so the last requests of a window wait.
 */
const WINDOW = 2_000;
const LEAST_WINDOWS = 12;
/** Enough for some to go on while others wait. */
const CLIENTS = 64;
const RESPONSE_MS = 60_000;

/**
 * Lets one tenant at a time send requests, so that every call to CAMS in a window is one of that tenant. Each call is
 * checked at the end of the window.
 */
export async function runWindows(options: Options, stage: Stage, stop: AbortSignal): Promise<Tally> {
  const tally = new Tally();
  const names = new OwnedNames();
  const clients = Array.from({ length: CLIENTS }, (_, index) => {
    const gateway = stage.gateways[index % 2 === 0 ? 0 : 1];
    return { gateway, sender: new Sender(gateway.url, RESPONSE_MS) };
  });
  await accountsChecked(stage);
  const ofWindow = Math.min(WINDOW, Math.ceil(options.requests / LEAST_WINDOWS));
  let trials = 0;
  // A run with a disabled check only shows that it is detected.
  const over = (): boolean =>
    tally.requests >= options.requests ||
    stage.crashes().length > 0 ||
    (options.broken !== undefined && tally.findings.size > 0);
  for (let window = 0; !over(); window += 1) {
    for (const tenant of TENANTS) await names.refill(stage.sandbox, tenant);
    const tenant = TENANTS[window % TENANTS.length] ?? TENANTS[0];
    await stage.sandbox.forgetCalls();
    const endsAt = trials + ofWindow;
    await Promise.all(
      clients.map(async ({ gateway, sender }) => {
        const caller = new Caller(tenant, gateway.name, sender, names, tally);
        while (trials < endsAt && !stop.aborted) {
          trials += 1;
          await caller.carryOut(trialOf(tenant, Math.imul(options.seed, 0x9e3779b1) ^ trials, names));
        }
      }),
    );
    stop.throwIfAborted();
    await backgroundEnded(stage, tenant);
    // Groups that were created meanwhile belong to the caller.
    await names.refill(stage.sandbox, tenant);
    for (const call of await stage.sandbox.calls()) check(call, tenant, names, tally);
  }
  for (const { sender } of clients) sender.close();
  for (const crash of stage.crashes())
    tally.found('a process exited', { caller: 'any', gateway: 'any', detail: crash, request: undefined });
  return tally;
}

/** A call may name only the caller's own space, numbers and groups. */
function check({ action, parameters }: LoggedCall, tenant: RunTenant, names: OwnedNames, tally: Tally): void {
  tally.calls += 1;
  const { CustSpaceId, BusinessNumber, GroupId } = parameters;
  const foreign =
    (CustSpaceId !== undefined && CustSpaceId !== tenant.custSpaceId) ||
    (BusinessNumber !== undefined && !tenant.businessNumbers.includes(BusinessNumber as string)) ||
    (GroupId !== undefined && !names.owns(tenant, GroupId as string));
  const canary = names.foreignIn(tenant, JSON.stringify(parameters));
  if (!foreign && canary === undefined) return;
  tally.found(`a call that names what is not the caller's: ${action}`, {
    caller: tenant.id,
    gateway: 'any',
    detail: JSON.stringify(parameters).slice(0, 500),
    request: undefined,
  });
}
