import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { FairCache } from '../util/fair-cache.js';
import type { OnTenantsRemoved, RemovedTenants } from '../util/removed-tenants.js';

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_DOCUMENTS = 4_000;
/** Longer documents are executed but not stored. The token limit allows longer ones only with long strings. */
const MAX_DOCUMENT_BYTES = 16 * 1024;

/** Documents of automatic persisted queries by their SHA-256. A tenant finds only those that it has stored itself. */
@Injectable()
export class PersistedQueries implements OnTenantsRemoved {
  readonly #texts = new FairCache<string>({
    maxSize: MAX_BYTES,
    sizeOf: (text) => Math.max(Buffer.byteLength(text), MAX_BYTES / MAX_DOCUMENTS),
  });

  find(tenantId: string, sha256: string): string | undefined {
    return this.#texts.get(`${sha256} ${tenantId}`);
  }

  /** Stores a document that is valid and within the limits, unless it is too long. */
  add(tenantId: string, sha256: string, text: string): void {
    if (Buffer.byteLength(text) <= MAX_DOCUMENT_BYTES)
      this.#texts.set(tenantId, `${sha256} ${tenantId}`, text);
  }

  onTenantsRemoved({ tenants }: RemovedTenants): void {
    this.#texts.deleteOwners(tenants);
  }
}

/** Returns the hash by which clients name a document. */
export function documentHash(text: string): string {
  return hash('sha256', text);
}
