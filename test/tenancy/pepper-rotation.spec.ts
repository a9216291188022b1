import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { runKeyCommand } from '../../src/cli/key-command.js';
import { acmeFile, outcome, TenancyFixture } from '../support/tenancy-fixture.js';

const OLD = 'the pepper before, of which the keys are replaced';
const NEW = 'the pepper of today, under which keys are made';
const UPSTREAM = { CAMS_ENDPOINT: 'cams.example.com', SINGLE_INSTANCE: 'true' };

interface Made {
  readonly key: string;
  /** The lines for the tenants file. */
  readonly lines: string;
}

let fixture: TenancyFixture;
let oldKey: Made;
let newKey: Made;
beforeEach(() => {
  fixture = new TenancyFixture();
  oldKey = made('old', OLD);
  newKey = made('new', NEW);
  fixture.write(
    'tenants.yaml',
    acmeFile('').replace('apiKeys: []', `apiKeys:\n${oldKey.lines}${newKey.lines}`),
  );
});
afterEach(() => {
  jest.restoreAllMocks();
  fixture.close();
});

function made(id: string, pepper: string): Made {
  const args = ['--tenant', 'acme', '--permissions', 'groups:read', '--id', id];
  const { stdout } = runKeyCommand(args, { NODE_ENV: 'production', API_KEY_PEPPER: pepper });
  return { key: /cgk_\S+/.exec(stdout)?.[0] ?? '', lines: stdout.slice(stdout.indexOf('      - id:')) };
}

async function outcomes(env: Readonly<Record<string, string>>): Promise<string[]> {
  const authenticator = fixture.authenticator(fixture.config({ ...UPSTREAM, ...env }));
  const wrong = `cgk_old.${'x'.repeat(43)}`;
  const attempts = [oldKey.key, newKey.key, wrong].map((apiKey) =>
    outcome(authenticator.authenticate({ apiKey, address: '' })),
  );
  return Promise.all(attempts);
}

describe('while the pepper is replaced', () => {
  it('keys of both peppers are valid', async () => {
    expect(await outcomes({ API_KEY_PEPPER: OLD })).toEqual([
      'key:old',
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
    ]);
    expect(await outcomes({ API_KEY_PEPPER: NEW, API_KEY_PEPPER_PREVIOUS: OLD })).toEqual([
      'key:old',
      'key:new',
      'UNAUTHENTICATED',
    ]);
    expect(await outcomes({ API_KEY_PEPPER: NEW })).toEqual([
      'UNAUTHENTICATED',
      'key:new',
      'UNAUTHENTICATED',
    ]);
  });

  it('the log names each key of the pepper before, once', async () => {
    const log = jest.spyOn(Logger.prototype, 'log');
    const authenticator = fixture.authenticator(
      fixture.config({ ...UPSTREAM, API_KEY_PEPPER: NEW, API_KEY_PEPPER_PREVIOUS: OLD }),
    );
    for (const apiKey of [oldKey.key, newKey.key, oldKey.key])
      await authenticator.authenticate({ apiKey, address: '' });
    expect(log.mock.calls).toEqual([['the key old still requires API_KEY_PEPPER_PREVIOUS']]);
  });
});
