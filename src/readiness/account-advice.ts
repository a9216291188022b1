import { Logger } from '@nestjs/common';
import type { CallOutcome } from '../cams/call.js';
import type { CamsFailure } from '../cams/cams-failure.js';
import { meaningOf } from '../cams/refusal-meaning.js';
import type { Config } from '../config/config.js';
import { asGatewayError } from '../errors/gateway-error.js';
import { SECOND_MS } from '../util/durations.js';
import type { Verdict } from './account-check.js';
import type { CheckTarget } from './check-target.js';
import { clockSkew } from './clock-skew.js';
import { connectionAdvice } from './connection-advice.js';
import { credentialNames } from './credential-names.js';
import { refusalAdvice } from './refusal-advice.js';

type NumberTarget = Extract<CheckTarget, { kind: 'number' }>;

/** Turns the outcome of a check into what the operator must do. No text has a secret or a phone number in it. */
export class AccountAdvice {
  readonly #logger = new Logger(AccountAdvice.name);

  constructor(private readonly config: Pick<Config, 'cams' | 'secret'>) {}

  /** The verdict of a check that was sent. */
  sent(target: NumberTarget, { outcome, clockOffsetMs }: CallOutcome<unknown>): Verdict {
    if ('kind' in outcome) return this.#failed(target, outcome, clockOffsetMs);
    const skew = clockSkew(clockOffsetMs);
    if (skew === undefined) return { ok: true };
    return {
      ok: true,
      warning: `${skew}. CAMS accepts at most 15 minutes: synchronize the clock with NTP.`,
    };
  }

  /** The verdict of a check that could not be sent, for lack of credentials or of a permit. */
  unsent({ account }: NumberTarget, thrown: unknown): Verdict {
    const error = asGatewayError(thrown);
    switch (error.code) {
      case 'UPSTREAM_NOT_ALLOWED':
        return fault(
          `Account ${account.id} has no credentials. Set CAMS_ACCESS_KEY_ID and CAMS_ACCESS_KEY_SECRET, or configure the default credential chain of Alibaba Cloud.`,
        );
      case 'UPSTREAM_TIMEOUT':
        return fault(
          `The default credential chain of Alibaba Cloud did not return credentials for account ${account.id} in time. Check that this machine reaches the metadata service or STS, or set CAMS_ACCESS_KEY_ID and CAMS_ACCESS_KEY_SECRET.`,
        );
      case 'OVERLOADED':
        return fault(
          'The check waited too long behind other calls to CAMS. If this lasts, CAMS is slow, or CAMS_MAX_CONCURRENCY or CAMS_QPS is too low.',
        );
      case 'NOT_FOUND':
        // A reload has just removed the tenant or its number: the check is repeated with another one.
        return fault('Not checked yet.');
      default:
        this.#logger.error({ msg: 'a check of an account failed', account: account.id, err: thrown });
        return fault(
          'The check failed because of an internal error of the gateway. Report the error in the log.',
        );
    }
  }

  /** The verdict where no check is possible. */
  withoutNumber({ kind, account: { id } }: CheckTarget): Verdict {
    if (kind === 'no-tenant')
      return fault(
        `No tenant uses account ${id}, so it cannot be checked. Add a tenant to the tenants file, or remove the account.`,
      );
    return fault(
      `The tenants file names no number for account ${id}, so it cannot be checked before a tenant's first call. Add a number to the businessNumbers of one of its tenants' spaces.`,
    );
  }

  /** The verdict where no check is possible and CAMS refuses the calls of tenants. */
  refusedUnchecked({ account: { id } }: CheckTarget): Verdict {
    return fault(
      `CAMS refused the latest call for account ${id} as not allowed: see the line "a call to CAMS failed" in the log. Add a number to the businessNumbers of a space of the account in the tenants file, so that the account is checked and this text says what to do.`,
    );
  }

  #failed(target: NumberTarget, failure: CamsFailure, clockOffsetMs: number | undefined): Verdict {
    if (failure.kind !== 'refused') return fault(connectionAdvice(failure, this.config.cams));
    const { account, tenantId } = target;
    const advice = refusalAdvice({
      refusal: failure,
      accountId: account.id,
      tenantId,
      names: credentialNames(account, this.config),
      clockOffsetMs,
    });
    const meaning = meaningOf(failure, 'read');
    if (meaning.means !== 'throttled') return fault(advice);
    const seconds = failure.retryAfterSeconds ?? meaning.retryAfterSeconds;
    return { ok: false, advice, retryAfterMs: seconds * SECOND_MS };
  }
}

function fault(advice: string): Verdict {
  return { ok: false, advice };
}
