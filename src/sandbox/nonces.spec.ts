import { describe, expect, it } from '@jest/globals';
import { Nonces } from './nonces.js';

describe('the nonces', () => {
  it('accepts a nonce once until it expires, and again afterwards', () => {
    const nonces = new Nonces();
    expect(nonces.use('a', 0, 100)).toBe(true);
    expect(nonces.use('a', 100, 200)).toBe(false);
    expect(nonces.use('b', 100, 200)).toBe(true);
    expect(nonces.use('a', 101, 201)).toBe(true);
  });

  it('stays within its limit and evicts the oldest first', () => {
    const nonces = new Nonces(2);
    for (const nonce of ['a', 'b', 'c']) nonces.use(nonce, 0, 100);
    expect(nonces.size).toBe(2);
    expect(nonces.use('c', 1, 100)).toBe(false);
    expect(nonces.use('a', 1, 100)).toBe(true);
  });

  it('drops expired nonces when it is full', () => {
    const nonces = new Nonces(3);
    for (const nonce of ['a', 'b', 'c']) nonces.use(nonce, 0, 100);
    nonces.use('d', 101, 200);
    expect(nonces.size).toBe(1);
  });
});
