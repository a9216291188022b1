import type { DiscoveryService, MetadataScanner } from '@nestjs/core';

/** A method of a controller or provider of the application. */
export interface DiscoveredMethod {
  readonly instance: object;
  readonly name: string;
  readonly method: object;
}

/** Returns every method of every controller and provider that Nest has created. */
export function discoveredMethods(discovery: DiscoveryService, scanner: MetadataScanner): DiscoveredMethod[] {
  return [...discovery.getControllers(), ...discovery.getProviders()].flatMap(({ instance }) => {
    if (typeof instance !== 'object' || instance === null) return [];
    const prototype = Object.getPrototypeOf(instance) as Record<string, unknown> | null;
    return (prototype ? scanner.getAllMethodNames(prototype) : []).flatMap((name) => {
      const method = prototype?.[name];
      return typeof method === 'function' ? [{ instance, name, method }] : [];
    });
  });
}
