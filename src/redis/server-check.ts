import type { Redis } from 'ioredis';
import { type Durability, DURABILITY_SECTIONS, forgetfulness } from './durability.js';
import { isReply, reasonOf } from './redis-unavailable.js';

/** `unfit`: it will stay so until somebody changes the server; `unready`: it may pass. */
export type ServerFitness =
  /** `advice`: what the operator should know of it nevertheless. */
  | { readonly kind: 'fit'; readonly version: string; readonly advice?: string }
  | { readonly kind: 'unfit' | 'unready'; readonly reason: string };

// What the scripts of the gateway do first; it writes nothing.
const CHECK = `#!lua flags=no-writes\nreturn redis.call('INFO', ${sections('server', 'replication', ...DURABILITY_SECTIONS)})`;

const NEEDED = 'Redis 7.0 or later, or Valkey, is needed';
const PASSING = /^(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|OOM|READONLY|NOAUTH)/;
const REFUSED_RIGHTS = /NOPERM|ACL failure|can't run this command/;

/**
 * Asks a server whether it understands the scripts of the gateway, and whether it keeps what it is given where that is
 * expected of it. Throws when it does not answer.
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
  return { kind: 'unfit', reason: `${flaw}; STATE_DURABILITY=relaxed accepts that` };
}

// An old server refuses the script for one reason or another: its version tells more.
function judgeRefusal(error: Error, info: string): ServerFitness {
  if (isTooOld(info)) return judgeInfo(info);
  if (PASSING.test(error.message)) return { kind: 'unready', reason: reasonOf(error) };
  const needed = REFUSED_RIGHTS.test(error.message)
    ? 'scripts must be allowed, and INFO inside them'
    : `scripts that begin with #!lua, and INFO of several sections, must be understood; ${NEEDED}`;
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
