import { closestMatch } from 'leven';
import { MAX_TENANTS_FILE_BYTES } from './tenancy.js';
import { readTextFile } from '../util/read-text-file.js';
import type { EnvReader } from './env-reader.js';
import { isRenamed } from './renamed-settings.js';
import { SECRET_NAMES, SETTING_NAMES } from './setting-names.js';

const NAMES: readonly string[] = [...SETTING_NAMES, ...SECRET_NAMES.map((name) => `${name}_FILE`)];
/** Prefixes that only the gateway uses. */
const OWN_PREFIXES = [
  'ADMIN_KEYS',
  'API_KEY_PEPPER',
  'AUDIT_',
  'CACHE_',
  'CAMS_',
  'COHERENCE',
  'CORS_ORIGIN',
  'DIRECTORY_',
  'EVENTS_',
  'GRAPHQL_',
  'JWT_',
  'SANDBOX_',
  'STATE_',
  'TENANTS_',
  'WEBHOOK_',
];
/** Names that other software sets: Kubernetes describes each service, such as in `REDIS_PORT`, and systemd sets `STATE_DIRECTORY`. */
const FOREIGN =
  /^(?:HOME|.*_PROXY|OTEL_.*|.*_SERVICE_HOST|.*_SERVICE_PORT(?:_.*)?|.*_PORT(?:_.*)?|.*_DIRECTORY)$/i;
const NEAR = { maxDistance: 2 };
const SUGGESTED = { maxDistance: 4 };

/**
 * Rejects unknown settings with prefixes of the gateway: ignoring them would silently apply the defaults. Returns warnings
 * about other variables whose names are nearly those of settings.
 */
export function refuseMisspelt(read: EnvReader): readonly string[] {
  const unknown = read.names.filter((name) => !isKnown(name));
  const invisible = unknown.filter((name) => NAMES.includes(visible(name)));
  for (const name of invisible)
    read.fault(
      visible(name),
      'is set by a name with invisible characters, such as the byte order mark of a file',
    );
  const own = unknown.filter(
    (name) => !invisible.includes(name) && OWN_PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
  const inTenantsFile = new Set(own.length > 0 ? tenantsFileOf(read).split(/\W+/) : []);
  for (const name of own) {
    // The tenants file can take the credentials of an account from any variable.
    if (inTenantsFile.has(name)) continue;
    const meant = startingLike(name) ?? closestMatch(name, NAMES, SUGGESTED);
    const hint = meant === undefined ? '' : `: did you mean ${meant}?`;
    read.fault(name, `is not a setting of the gateway${hint}`);
  }
  return unknown.flatMap((name) => {
    const isReported = own.includes(name) || invisible.includes(name);
    const meant = isReported ? undefined : closestMatch(name.toUpperCase(), NAMES, NEAR);
    return meant === undefined ? [] : [`${name} is not a setting of the gateway: did you mean ${meant}?`];
  });
}

function isKnown(name: string): boolean {
  return NAMES.includes(name) || isRenamed(name) || FOREIGN.test(name);
}

/** Returns a name without characters that no setting has. */
function visible(name: string): string {
  return name.replace(/[^A-Z_a-z0-9]/g, '');
}

/** Returns the only setting that a name was cut off from, such as `CACHE_FRESH_MS` for `CACHE_FRESH`. */
function startingLike(name: string): string | undefined {
  const [first, second] = NAMES.filter((known) => known.startsWith(name));
  return second === undefined ? first : undefined;
}

function tenantsFileOf(read: EnvReader): string {
  try {
    return readTextFile(read.text('TENANTS_FILE') ?? '', MAX_TENANTS_FILE_BYTES);
  } catch {
    // Reported where the file is parsed.
    return '';
  }
}
