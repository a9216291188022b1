import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { declaredPermission } from './access.js';
import { takesCaller } from './caller.js';

// Metadata keys by which Nest knows a route, a query, mutation or subscription, and a field resolver.
const HANDLER_KEYS = ['path', 'graphql:resolver_type', 'graphql:resolve_property'];

/**
 * Deny by default: a route or resolver that declares no permission, or does not take the caller, stops the start.
 * No guard runs for each request: `@CurrentCaller` refuses requests without verified credentials.
 */
@Injectable()
export class AccessCheck implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onApplicationBootstrap(): void {
    const faults = [...this.discovery.getControllers(), ...this.discovery.getProviders()].flatMap(
      ({ instance }) => this.#faults(instance as object | null),
    );
    if (faults.length > 0) throw new Error([...new Set(faults)].join('; '));
  }

  #faults(instance: object | null): string[] {
    const prototype = instance && (Object.getPrototypeOf(instance) as Record<string, unknown> | null);
    if (!prototype) return [];
    const type = instance.constructor;
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name];
      if (typeof handler !== 'function' || !isHandler(handler)) return [];
      const fault = missing(type, name, handler);
      return fault === undefined ? [] : [`${fault} ${type.name}.${name}`];
    });
  }
}

function isHandler(method: object): boolean {
  return HANDLER_KEYS.some((key) => Reflect.hasMetadata(key, method));
}

function missing(type: object, name: string, handler: object): string | undefined {
  if (declaredPermission(handler) === undefined) return 'No permission is declared for';
  return takesCaller(type, name) ? undefined : 'No @CurrentCaller parameter in';
}
