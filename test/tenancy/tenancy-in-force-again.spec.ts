import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { TrustedDocuments } from '../../src/graphql/trusted-documents.js';
import { JwksFile } from '../../src/tenancy/auth/jwks-file.js';
import { startClock, stopClock } from '../support/tenancy-clock.js';
import { acmeFile, outcome, TenancyFixture } from '../support/tenancy-fixture.js';
import { AUDIENCE, claims, ISSUER, IssuerServer, keySet, makeKey, sign } from '../support/tenancy-issuer.js';

const GLOBEX = '  - { id: globex, spaces: [] }';
const AGAIN = expect.stringContaining('in force');

/** A file that the gateway watches. `reload` reads it again. */
interface Watched {
  readonly name: string;
  readonly content: string;
  readonly other: string;
  readonly reload: () => unknown;
}

const lines = { infos: [] as string[], errors: [] as string[] };
let fixture: TenancyFixture;
beforeEach(() => {
  fixture = new TenancyFixture();
  fixture.write('tenants.yaml', acmeFile());
  lines.infos.length = 0;
  lines.errors.length = 0;
  Logger.overrideLogger({
    log: (line: string) => lines.infos.push(line),
    warn: () => undefined,
    error: (line: string) => lines.errors.push(line),
  });
});
afterEach(() => fixture.close());

const FILES: Readonly<Record<string, () => Promise<Watched>>> = {
  'the tenants file': async () => {
    const directory = fixture.directory();
    const other = acmeFile(undefined, GLOBEX);
    return { name: 'tenants.yaml', content: acmeFile(), other, reload: () => directory.reload() };
  },
  'the key file': async () => {
    const [content, other] = [keySet(await makeKey('ES256', 'one')), keySet(await makeKey('ES256', 'two'))];
    const keys = new JwksFile(fixture.write('jwks.json', content), () => undefined);
    return { name: 'jwks.json', content, other, reload: () => keys.reload() };
  },
  'the documents file': async () => {
    const [content, other] = ['{"a":"{ viewer { tenantId } }"}', '{"b":"{ viewer { tenantName } }"}'];
    const GRAPHQL_DOCUMENTS_FILE = fixture.write('documents.json', content);
    const documents = new TrustedDocuments(fixture.config({ GRAPHQL_DOCUMENTS_FILE }));
    documents.onModuleInit();
    documents.onModuleDestroy();
    return { name: 'documents.json', content, other, reload: () => documents.reload() };
  },
};

describe.each(Object.entries(FILES))('%s', (_name, open) => {
  it.each(['content', 'other'] as const)(
    'is logged once as in force again when it is valid after refused edits: %s',
    async (next) => {
      const file = await open();
      for (const broken of ['{', '[]']) {
        fixture.write(file.name, broken);
        await file.reload();
      }
      expect([lines.infos, lines.errors.length > 1]).toEqual([[], true]);
      fixture.write(file.name, file[next]);
      await file.reload();
      expect(lines.infos).toEqual([AGAIN]);
      fixture.write(file.name, file.content);
      await file.reload();
      expect(lines.infos.slice(1)).not.toContainEqual(AGAIN);
    },
  );
});

describe('the keys of a URL', () => {
  const clock = { advance: (_ms: number): void => undefined };
  beforeEach(() => void Object.assign(clock, stopClock()));
  afterEach(() => startClock());

  it('are logged as in force once they are fetched again, also if they have not changed', async () => {
    const issuer = new IssuerServer();
    const JWT_JWKS_URL = await issuer.listen();
    const settings = { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_URL };
    const authenticator = fixture.authenticator(fixture.config(settings));
    const [known, unknown] = [await makeKey('ES256', 'known'), await makeKey('ES256', 'unknown')];
    const present = async (key: typeof known): Promise<string> => {
      clock.advance(31_000);
      const authorization = `Bearer ${await sign(key, claims())}`;
      return outcome(authenticator.authenticate({ authorization, address: '' }));
    };
    try {
      issuer.publish(known);
      expect(await present(known)).toMatch(/^sub:/);
      const before = lines.infos.length;
      issuer.answer = (response) => response.writeHead(503).end();
      // A token with an unknown key ID waits for the fetch.
      await present(unknown);
      issuer.publish(known);
      await present(unknown);
      await present(unknown);
      expect(lines.infos.slice(before)).toEqual([AGAIN]);
    } finally {
      await issuer.close();
    }
  });
});
