import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/config.js';
import { Account } from '../tenancy/account.js';
import { AccountClients } from './credentials.js';

const SOURCE = { kind: 'static', accessKeyId: 'id', accessKeySecret: 'secret' } as const;

describe('AccountClients', () => {
  it('creates one client per account', async () => {
    const clients = new AccountClients(loadConfig({}).cams);
    const account = new Account('default', SOURCE);
    const client = await clients.clientFor(account, 1_000);
    await expect(clients.clientFor(account, 1_000)).resolves.toBe(client);
    // A reload with new credentials creates a new account with the same ID.
    await expect(clients.clientFor(new Account('default', SOURCE), 1_000)).resolves.not.toBe(client);
  });

  it('does not expose clients when serialised', async () => {
    const clients = new AccountClients(loadConfig({}).cams);
    await clients.clientFor(new Account('default', SOURCE), 1_000);
    expect(JSON.stringify(clients)).toBe('{}');
  });
});
