import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { declaredPermission } from './access.js';

// Metadata keys by which Nest knows a route, a query, mutation or subscription, and a field resolver.
const HANDLER_KEYS = ['path', 'graphql:resolver_type', 'graphql:resolve_property'];

/** Deny by default: a route or resolver that declares no permission stops the start. */
@Injectable()
export class AccessCheck implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onApplicationBootstrap(): void {
    const undeclared = [...this.discovery.getControllers(), ...this.discovery.getProviders()].flatMap(
      ({ instance }) => this.#undeclaredHandlers(instance as object | null),
    );
    if (undeclared.length === 0) return;
    throw new Error(`No permission is declared for ${[...new Set(undeclared)].join(', ')}`);
  }

  #undeclaredHandlers(instance: object | null): string[] {
    const prototype = instance && (Object.getPrototypeOf(instance) as Record<string, unknown> | null);
    if (!prototype) return [];
    return this.scanner
      .getAllMethodNames(prototype)
      .filter((name) => {
        const handler = prototype[name];
        if (typeof handler !== 'function') return false;
        return (
          HANDLER_KEYS.some((key) => Reflect.hasMetadata(key, handler)) &&
          declaredPermission(handler) === undefined
        );
      })
      .map((name) => `${instance.constructor.name}.${name}`);
  }
}
