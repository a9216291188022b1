import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { discoveredMethods } from '../util/discovered-methods.js';
import { declaredAccess, takesCaller } from './caller.js';

// Metadata keys that Nest sets on a route, on a query, mutation or subscription, and on a field resolver.
const HANDLER_KEYS = ['path', 'graphql:resolver_type', 'graphql:resolve_property'];

/**
 * Deny by default: the gateway does not start if a route or resolver declares no permission or does not take the
 * caller. There is no guard per request: `@CurrentCaller` rejects requests without verified credentials.
 */
@Injectable()
export class AccessCheck implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onApplicationBootstrap(): void {
    const faults = discoveredMethods(this.discovery, this.scanner)
      .filter(({ method }) => isHandler(method))
      .flatMap(({ instance: { constructor }, name, method }) => {
        const fault = missing(constructor, name, method);
        return fault === undefined ? [] : [`${fault} ${constructor.name}.${name}`];
      });
    if (faults.length > 0) throw new Error([...new Set(faults)].join('; '));
  }
}

function isHandler(method: object): boolean {
  return HANDLER_KEYS.some((key) => Reflect.hasMetadata(key, method));
}

function missing(type: object, name: string, handler: object): string | undefined {
  if (declaredAccess(handler) === undefined) return 'No permission is declared for';
  return takesCaller(type, name) ? undefined : 'No @CurrentCaller parameter in';
}
