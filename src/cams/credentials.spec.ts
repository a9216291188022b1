import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/config.js';
import { Account } from '../tenancy/account.js';
import { AccountClients } from './credentials.js';

const SOURCE = { kind: 'static', accessKeyId: 'id', accessKeySecret: 'secret' } as const;

describe('clients of accounts', () => {
  it('are one for each account, made once', async () => {
    const clients = new AccountClients(loadConfig({}).cams);
    const account = new Account('default', SOURCE);
    const client = await clients.clientFor(account, 1_000);
    await expect(clients.clientFor(account, 1_000)).resolves.toBe(client);
    // A reload with new credentials makes a new account of the same id.
    await expect(clients.clientFor(new Account('default', SOURCE), 1_000)).resolves.not.toBe(client);
  });

  it('are shown by nothing that serialises their owner', async () => {
    const clients = new AccountClients(loadConfig({}).cams);
    await clients.clientFor(new Account('default', SOURCE), 1_000);
    expect(JSON.stringify(clients)).toBe('{}');
  });
});
