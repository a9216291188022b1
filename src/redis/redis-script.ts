import { hash } from 'node:crypto';

/** A Lua script, sent by its digest and in full only to a server that does not know it. */
export class RedisScript {
  readonly sha: string;

  constructor(
    readonly name: string,
    readonly source: string,
  ) {
    this.sha = hash('sha1', source);
  }
}
