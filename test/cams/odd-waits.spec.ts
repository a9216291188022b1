import { expect, it } from '@jest/globals';
import { errorHeaders } from '../../src/errors/problem-details.js';
import { CamsFixture, errorOf } from '../support/cams-fixture.js';
import { refusal } from '../support/odd-answers.js';
import { ODD_WAITS } from '../support/odd-answers-envelope.js';

const cams = new CamsFixture();

it.each(ODD_WAITS)('passes on how long CAMS asks to wait: $what', async ({ headers, seconds }) => {
  const [from, to] = typeof seconds === 'number' ? [seconds, seconds] : seconds;
  for (const status of [200, 400, 429, 503]) {
    for (const call of ['read', 'write'] as const) {
      // A new client, because a throttle pauses the account.
      cams.connect();
      cams.answerWith(refusal({ Code: 'Throttling.User' }, status, headers)());
      const error = await errorOf(cams[call]());
      const shown = Number(errorHeaders(error)['Retry-After']);
      expect([call, status, error.code]).toEqual([call, status, 'UPSTREAM_THROTTLED']);
      expect(shown).toBeGreaterThanOrEqual(from);
      expect(shown).toBeLessThanOrEqual(to);
      expect(Number.isInteger(shown)).toBe(true);
    }
  }
});
