import { hash } from 'node:crypto';

/** A Lua script. Sent by its digest, and in full only to a server that does not have it. */
export class RedisScript {
  readonly sha: string;

  constructor(
    readonly name: string,
    readonly source: string,
  ) {
    this.sha = hash('sha1', source);
  }
}
