import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';
import { ConfigError, loadPepper, SANDBOX_PEPPER, whyProduction } from '../config/config.js';
import { API_KEY_ID, digestSecret, generateApiKey } from '../tenancy/auth/api-keys.js';
import { parseRfc3339 } from '../tenancy/directory/rfc3339.js';
import { shownName } from '../util/shown-name.js';
import { isPermission, PERMISSIONS, type Permission } from '../tenancy/permissions.js';
import { TENANT_ID } from '../tenancy/directory/tenant-entries.js';

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 0, 64 for invalid arguments, or 78 for invalid settings (sysexits.h). */
  readonly exitCode: number;
}

const USAGE =
  'npm run keys -- --tenant acme --permissions groups:read,groups:write [--id web] [--expires 2027-01-01T00:00:00Z]';

class UsageError extends Error {}

/** The command `npm run keys`: generates an API key and the lines for the tenants file. */
export function runKeyCommand(
  args: readonly string[],
  env?: Readonly<Record<string, string | undefined>>,
): CommandResult {
  try {
    const request = readArguments(args);
    if (request === null) return { stdout: `${USAGE}\n`, stderr: '', exitCode: 0 };
    const pepper = loadPepper(env);
    const note =
      pepper === SANDBOX_PEPPER
        ? 'This key only works with the sandbox of `npm start`, because API_KEY_PEPPER is not set, or is the pepper of the sandbox.\n'
        : '';
    return { stdout: printKey(request, pepper), stderr: note, exitCode: 0 };
  } catch (error) {
    if (error instanceof ConfigError) {
      const lines = [error.faults.join('; '), ...whyProduction(env)];
      return { stdout: '', stderr: lines.map((line) => `${line}\n`).join(''), exitCode: 78 };
    }
    if (error instanceof UsageError) return { stdout: '', stderr: `${error.message}\n`, exitCode: 64 };
    throw error;
  }
}

interface KeyRequest {
  readonly tenant: string;
  readonly id: string;
  readonly permissions: readonly Permission[];
  readonly expires: string | undefined;
}

function readArguments(args: readonly string[]): KeyRequest | null {
  const values = parse(args);
  if (values.help === true) return null;
  const tenant = values.tenant ?? refuse(`--tenant is missing. Usage: ${USAGE}`);
  if (!TENANT_ID.test(tenant)) refuse('--tenant must be the id of a tenant in the tenants file');
  const id =
    values.id ?? `${tenant.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 50)}-${randomBytes(3).toString('hex')}`;
  if (!API_KEY_ID.test(id)) refuse('--id must be 1 to 64 letters, digits, "_" or "-"');
  if (values.expires !== undefined && !((parseRfc3339(values.expires) ?? 0) > Date.now())) {
    refuse('--expires must be a future date with time and zone, such as 2027-01-01T00:00:00Z');
  }
  return { tenant, id, permissions: readPermissions(values.permissions), expires: values.expires };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    tenant: text,
    permissions: text,
    id: text,
    expires: text,
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const problem = isNativeError(error) ? error.message.split(/\.\s|\n/, 1)[0] : 'Invalid arguments';
    return refuse(`${problem}. Usage: ${USAGE}`);
  }
}

function readPermissions(list: string | undefined): Permission[] {
  const words = (list ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const permissions = words.filter(isPermission);
  const wrong = words.find((word) => !isPermission(word));
  if (words.length === 0 || wrong !== undefined) {
    const named = wrong === undefined ? '' : `, not ${JSON.stringify(shownName(wrong))}`;
    refuse(`--permissions must be one or more of ${PERMISSIONS.join(',')}${named}`);
  }
  return [...new Set(permissions)];
}

function printKey({ tenant, id, permissions, expires }: KeyRequest, pepper: string): string {
  const key = generateApiKey(id);
  const lines = [
    `- id: ${JSON.stringify(id)}`,
    `  digest: "${digestSecret(key.secret, pepper).toString('hex')}"`,
    `  permissions: [${permissions.join(', ')}]`,
    ...(expires === undefined ? [] : [`  expiresAt: ${expires}`]),
  ];
  return [
    'Your API key. It is shown only once:',
    '',
    `  ${key.text}`,
    '',
    `Add this to the tenants file, under apiKeys of tenant ${tenant}:`,
    '',
    ...lines.map((line) => `      ${line}`),
    '',
  ].join('\n');
}

function refuse(problem: string): never {
  throw new UsageError(problem);
}
