import { describe, expect, it } from '@jest/globals';
import { CallLog } from './call-log.js';

describe('the call log', () => {
  it('keeps only the most recent calls', () => {
    const log = new CallLog(2);
    for (const action of ['a', 'b', 'c', 'd', 'e']) log.start({ action, parameters: {}, query: '', at: '' });
    expect(log.read().map(({ action }) => action)).toEqual(['d', 'e']);
    expect(log.read('e').map(({ id }) => id)).toEqual([5]);
  });
});
