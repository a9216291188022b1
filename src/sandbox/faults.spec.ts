import { describe, expect, it } from '@jest/globals';
import { Faults } from './faults.js';

const never = (): number => 0.999;
const always = (): number => 0;

describe('the faults', () => {
  it('affects no call without a rule', () => {
    expect(new Faults(always).take('ListChatGroup')).toEqual({ latencyMs: 0 });
  });

  it('affects only the action that the rule names', () => {
    const faults = new Faults(always);
    faults.add({ kind: 'reset', action: 'AddChatGroup' });
    expect(faults.take('ListChatGroup').fault).toBeUndefined();
    expect(faults.take('AddChatGroup').fault?.kind).toBe('reset');
  });

  it('affects as many calls as its count, oldest rule first', () => {
    const faults = new Faults(always);
    faults.add({ kind: 'reset', count: 2 });
    faults.add({ kind: 'hang' });
    const kinds = [1, 2, 3, 4].map(() => faults.take('ListChatGroup').fault?.kind);
    expect(kinds).toEqual(['reset', 'reset', 'hang', 'hang']);
  });

  it('adds up latencies and combines them with one other fault', () => {
    const faults = new Faults(always);
    faults.add({ kind: 'reset', count: 1 });
    faults.add({ kind: 'latency', ms: 20 });
    faults.add({ kind: 'latency', ms: 3 });
    expect(faults.take('ListChatGroup')).toMatchObject({ latencyMs: 23, fault: { kind: 'reset' } });
    expect(faults.take('ListChatGroup')).toEqual({ latencyMs: 23 });
  });

  it('spares calls according to its ratio and does not count them', () => {
    const spared = new Faults(never);
    spared.add({ kind: 'reset', ratio: 0.9, count: 1 });
    expect(spared.take('ListChatGroup').fault).toBeUndefined();
    expect(spared.all[0]?.count).toBe(1);
    const hit = new Faults(always);
    hit.add({ kind: 'reset', ratio: 0.1 });
    expect(hit.take('ListChatGroup').fault?.kind).toBe('reset');
    const zero = new Faults(always);
    zero.add({ kind: 'reset', ratio: 0 });
    expect(zero.take('ListChatGroup').fault).toBeUndefined();
  });

  it('shortens only lists', () => {
    const faults = new Faults(always);
    faults.add({ kind: 'short-page', count: 1 });
    expect(faults.take('AddChatGroup').fault).toBeUndefined();
    expect(faults.take('ListChatGroupParticipants').fault?.kind).toBe('short-page');
  });

  it('removes the selected rules, or all rules without a selection', () => {
    const faults = new Faults(always);
    const { id } = faults.add({ kind: 'reset' });
    faults.add({ kind: 'hang', action: 'AddChatGroup' });
    faults.add({ kind: 'reset', action: 'AddChatGroup' });
    faults.add({ kind: 'hang' });
    expect(faults.remove({ id })).toBe(1);
    expect(faults.remove({ kind: 'hang', action: 'AddChatGroup' })).toBe(1);
    expect(faults.remove()).toBe(2);
    expect(faults.all).toEqual([]);
  });
});
