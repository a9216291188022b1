import type { CredentialSource } from '../account.js';
import type { YamlReader } from './yaml-reader.js';

export const DEFAULT_ACCOUNT = 'default';
const MAX_ACCOUNTS = 1_000;
const ACCOUNT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Reads the secrets that the tenants file references. */
export interface SecretReaders {
  /** Returns the value of an environment variable. */
  readonly secret: (name: string) => string | undefined;
  /** Returns the content of a file. Throws if it cannot be read. */
  readonly readSecretFile: (path: string) => string;
  /** Credentials of the account `default` if the file does not set them. */
  readonly defaultCredentials: CredentialSource;
}

const PARTS = ['accessKeyId', 'accessKeySecret', 'securityToken'] as const;
type Part = (typeof PARTS)[number];
type Sources = (name: `${Part}${'Env' | 'File'}`) => YamlReader;

/** Returns account id → credentials, always including `default`. */
export function readAccounts(list: YamlReader, readers: SecretReaders): Map<string, CredentialSource> {
  const accounts = new Map<string, CredentialSource>();
  const places = new Map<string, YamlReader>();
  for (const item of list.absent ? [] : list.items(MAX_ACCOUNTS)) {
    const field = item.fields(['id', 'credentials']);
    if (field === null) continue;
    const id = field('id').text(ACCOUNT_ID, 'an id of letters, digits, ".", "_" and "-"');
    if (accounts.has(id)) field('id').fault('is already used by an earlier account', places.get(id));
    if (field('credentials').absent && id !== DEFAULT_ACCOUNT) field('credentials').fault('is required');
    const source = field('credentials').absent
      ? readers.defaultCredentials
      : readCredentials(field('credentials'), readers);
    if (id === '') continue;
    accounts.set(id, source);
    places.set(id, item);
  }
  if (!accounts.has(DEFAULT_ACCOUNT)) accounts.set(DEFAULT_ACCOUNT, readers.defaultCredentials);
  return accounts;
}

function readCredentials(credentials: YamlReader, readers: SecretReaders): CredentialSource {
  const sources = credentials.fields(
    PARTS.flatMap((part) => [`${part}Env` as const, `${part}File` as const]),
  );
  if (sources === null) return readers.defaultCredentials;
  const securityToken = readPart(sources, 'securityToken', readers);
  return {
    kind: 'static',
    accessKeyId: readPart(sources, 'accessKeyId', readers) ?? missing(credentials, 'accessKeyId'),
    accessKeySecret: readPart(sources, 'accessKeySecret', readers) ?? missing(credentials, 'accessKeySecret'),
    ...(securityToken !== undefined && { securityToken }),
  };
}

function missing(credentials: YamlReader, part: Part): string {
  credentials.fault(`must have ${part}Env or ${part}File`);
  return '';
}

function readPart(sources: Sources, part: Part, readers: SecretReaders): string | undefined {
  const variable = sources(`${part}Env`);
  const file = sources(`${part}File`);
  if (!variable.absent && !file.absent)
    file.fault(`cannot be combined with ${part}Env: set only one of them`);
  if (!variable.absent) return readVariable(variable, readers);
  return file.absent ? undefined : readFile(file, readers);
}

function readVariable(variable: YamlReader, readers: SecretReaders): string {
  const name = variable.text(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable');
  const value = name === '' ? '' : (readers.secret(name)?.trim() ?? '');
  if (name !== '' && value === '') variable.fault('names an environment variable that is not set');
  return value;
}

function readFile(file: YamlReader, readers: SecretReaders): string {
  const path = file.text(/^[^\0]{1,4096}$/, 'the path of a file');
  if (path === '') return '';
  let value = '';
  try {
    value = readers.readSecretFile(path).trim();
  } catch {
    // Missing, a directory, or no permission: in each case the operator must check the file.
    file.fault('names a file that cannot be read');
    return '';
  }
  if (value === '') file.fault('names a file that is empty');
  return value;
}
