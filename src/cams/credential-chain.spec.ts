import { describe, expect, it } from '@jest/globals';
import { CredentialChain } from './credential-chain.js';

const KEYS = { accessKeyId: 'id', accessKeySecret: 'secret', securityToken: 'token', providerName: 'test' };
const MINUTE_MS = 60_000;

/** A chain with scripted providers, on a clock that the test controls. */
function scripted(...script: (typeof KEYS | Error)[]) {
  const seen = { opened: 0, asked: 0, nowMs: 0 };
  const chain = new CredentialChain(
    () => {
      seen.opened += 1;
      return {
        getCredentials: () => {
          const next = script[Math.min(seen.asked, script.length - 1)] ?? new Error('no script');
          seen.asked += 1;
          return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
        },
      };
    },
    () => seen.nowMs,
  );
  return { chain, seen };
}

describe('CredentialChain', () => {
  it('resolves once for a hundred concurrent callers', async () => {
    const { chain, seen } = scripted(KEYS);
    const all = await Promise.all(Array.from({ length: 100 }, () => chain.resolve()));
    expect(seen.asked).toBe(1);
    expect(all.every(({ accessKeyId }) => accessKeyId === 'id')).toBe(true);
  });

  it('caches credentials for five minutes', async () => {
    const { chain, seen } = scripted(KEYS);
    await chain.resolve();
    seen.nowMs = 5 * MINUTE_MS - 1;
    await chain.resolve();
    expect(seen.asked).toBe(1);
    seen.nowMs = 5 * MINUTE_MS;
    await chain.resolve();
    expect(seen.asked).toBe(2);
  });

  it('falls back to the cached credentials for ten minutes when a refresh fails', async () => {
    const { chain, seen } = scripted(KEYS, new Error('down'));
    await chain.resolve();
    seen.nowMs = 10 * MINUTE_MS - 1;
    await expect(chain.resolve()).resolves.toMatchObject({ accessKeyId: 'id' });
    seen.nowMs = 10 * MINUTE_MS;
    await expect(chain.resolve()).rejects.toThrow('down');
  });

  it('starts over with a new chain after a failure', async () => {
    const { chain, seen } = scripted(new Error('cold'), KEYS);
    await expect(chain.resolve()).rejects.toThrow('cold');
    await expect(chain.resolve()).resolves.toMatchObject({ securityToken: 'token' });
    expect(seen.opened).toBe(2);
  });

  it('rejects an empty access key secret', async () => {
    const { chain } = scripted({ ...KEYS, accessKeySecret: '' });
    await expect(chain.resolve()).rejects.toThrow('no access key');
  });
});
