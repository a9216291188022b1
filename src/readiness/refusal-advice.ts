import { cleanMessage } from '../cams/clean-message.js';
import { type CamsRefusal, meaningOf, upstreamCodeOf } from '../cams/refusal-meaning.js';
import { clockSkew } from './clock-skew.js';
import type { CredentialNames } from './credential-names.js';

const ACTION = 'ListChatGroup';

/** What a refused check shows to the operator. */
export interface RefusedCheck {
  readonly refusal: CamsRefusal;
  readonly accountId: string;
  readonly tenantId: string;
  readonly names: CredentialNames;
  readonly clockOffsetMs: number | undefined;
}

/** Refusals of the credentials or the clock, which the operator fixes on this machine. The first matching row wins. */
const LOCAL_FAULTS: readonly {
  readonly codes: RegExp;
  readonly advice: (code: string, check: RefusedCheck) => string;
}[] = [
  {
    codes: /^InvalidTimeStamp\./,
    advice: (code, { clockOffsetMs }) => {
      const skew = clockSkew(clockOffsetMs) ?? "This machine's clock is more than 15 minutes off";
      return `${skew} (${code}). Synchronize it with NTP.`;
    },
  },
  {
    codes: /^(SignatureDoesNotMatch|IncompleteSignature|InvalidSignature)/,
    advice: (code, { names }) =>
      `CAMS refused the access key (${code}). Check ${names.accessKeySecret}. If it is correct, make sure that no proxy changes requests to CAMS.`,
  },
  {
    codes: /SecurityToken/,
    advice: (code, { names }) =>
      `CAMS refused the security token (${code}). Check ${names.securityToken}: it may have expired, or belong to another access key.`,
  },
  {
    codes: /AccessKey/,
    advice: (code, { names }) =>
      `CAMS does not accept the access key (${code}). Check ${names.accessKeyId}, and that the key is enabled.`,
  },
];

/** Returns what an operator must do about a refused check, in plain text without numbers or secrets. */
export function refusalAdvice(check: RefusedCheck): string {
  const { refusal, accountId, tenantId } = check;
  const code = upstreamCodeOf(refusal) ?? `HTTP ${refusal.status}`;
  const meaning = meaningOf(refusal, 'read');
  switch (meaning.means) {
    case 'not-allowed': {
      const local = LOCAL_FAULTS.find(({ codes }) => codes.test(code));
      if (local) return local.advice(code, check);
      const why = meaning.why ? `${meaning.why(ACTION)} ` : '';
      return `CAMS refuses account ${accountId}, checked with the first number of tenant ${tenantId} (${code}). ${why}${imperative(meaning.operatorMust(ACTION))}`;
    }
    case 'throttled':
      return `CAMS is throttling account ${accountId} (${code}). If this lasts, lower CAMS_QPS, or find out what else uses the account.`;
    case 'replayed':
      return `${meaning.why} (${code}). Find that proxy and turn its retries off.`;
    case 'unclear':
    case 'in-part':
      return `CAMS failed to process the check of account ${accountId} (${code}). If this lasts, contact Alibaba Cloud.`;
    default: {
      const reason = ('reason' in meaning && meaning.reason) || cleanMessage(refusal.message);
      return (
        `CAMS refused to list the groups of the first number of tenant ${tenantId} (${code})${reason ? `: ${reason.replace(/[.\s]+$/, '')}` : ''}. ` +
        `Check in the tenants file that its space and number belong to account ${accountId}.`
      );
    }
  }
}

function imperative(must: string): string {
  return `${must.charAt(0).toUpperCase()}${must.slice(1)}.`;
}
