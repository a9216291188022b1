import type { Redis } from 'ioredis';
import { type Durability, DURABILITY_SECTIONS, forgetfulness } from './durability.js';
import { isReply, reasonOf } from './redis-unavailable.js';

/** `unfit`: cannot be used until the operator changes the server; `unready`: may be temporary. */
export type ServerFitness =
  /** `advice`: a weakness that the operator should know about. */
  | { readonly kind: 'fit'; readonly version: string; readonly advice?: string }
  | { readonly kind: 'unfit' | 'unready'; readonly reason: string };

// Starts like the scripts of the gateway, and writes nothing.
const CHECK = `#!lua flags=no-writes\nreturn redis.call('INFO', ${sections('server', 'replication', ...DURABILITY_SECTIONS)})`;

const NEEDED = 'Redis 7.0 or later, or Valkey, is required';
const PASSING = /^(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|OOM|READONLY|NOAUTH)/;
const REFUSED_RIGHTS = /NOPERM|ACL failure|can't run this command/;

/**
 * Checks whether a server supports the scripts of the gateway and, if `durability` is set, whether it keeps its data.
 * Throws if the server does not respond.
 */
export async function checkServer(redis: Redis, durability?: Durability): Promise<ServerFitness> {
  try {
    return judgeInfo(String(await redis.eval(CHECK, 0)), durability);
  } catch (error) {
    if (!isReply(error)) throw error;
    return judgeRefusal(error, await redis.info('server').catch(() => ''));
  }
}

function judgeInfo(info: string, durability?: Durability): ServerFitness {
  const version = versionOf(info);
  if (isTooOld(info)) return { kind: 'unfit', reason: `this is ${version}; ${NEEDED}` };
  if (/^role:slave/m.test(info)) return { kind: 'unready', reason: 'READONLY: this is a replica' };
  const flaw = durability && forgetfulness(info);
  if (flaw === undefined) return { kind: 'fit', version };
  if (durability === 'advised') return { kind: 'fit', version, advice: flaw };
  return {
    kind: 'unfit',
    reason: `${flaw}; set maxmemory-policy noeviction and appendonly yes on the server, or STATE_DURABILITY=relaxed to accept that`,
  };
}

// An old server may refuse the script for various reasons: its version is more informative.
function judgeRefusal(error: Error, info: string): ServerFitness {
  if (isTooOld(info)) return judgeInfo(info);
  if (PASSING.test(error.message)) return { kind: 'unready', reason: reasonOf(error) };
  const needed = REFUSED_RIGHTS.test(error.message)
    ? 'the user must be allowed to run scripts, and INFO in them'
    : `the server must support scripts that begin with #!lua, and INFO with several sections; ${NEEDED}`;
  return { kind: 'unfit', reason: `${needed}: ${reasonOf(error)}` };
}

function isTooOld(info: string): boolean {
  const [, major] = /^redis_version:(\d+)/m.exec(info) ?? [];
  return major !== undefined && Number(major) < 7 && !/^valkey_version:/m.test(info);
}

function versionOf(info: string): string {
  const [, valkey] = /^valkey_version:([\w.-]+)/m.exec(info) ?? [];
  if (valkey) return `Valkey ${valkey}`;
  return `Redis ${/^redis_version:([\w.-]+)/m.exec(info)?.[1] ?? 'of unknown version'}`;
}

function sections(...names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}
