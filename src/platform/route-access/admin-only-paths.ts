import { PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, type DiscoveryService, type Reflector } from '@nestjs/core';
import { accessOf } from './route-access.js';

/** Paths of all routes of a program that are marked `@AdminOnly()`, as the router knows them. */
export function adminOnlyPaths(discovery: DiscoveryService, reflector: Reflector): string[] {
  const scanner = new MetadataScanner();
  return discovery.getControllers().flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const prototype = metatype.prototype as Record<string, () => void>;
    return scanner
      .getAllMethodNames(prototype)
      .map((name) => prototype[name] as () => void)
      .filter((handler) => accessOf(reflector, handler, metatype) === 'admin-token')
      .flatMap((handler) =>
        pathsOf(metatype).flatMap((base) => pathsOf(handler).map((path) => join(base, path))),
      );
  });
}

function pathsOf(target: object): string[] {
  const paths = Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined;
  return paths === undefined ? [] : [paths].flat();
}

function join(base: string, path: string): string {
  return `/${[base, path].join('/').split('/').filter(Boolean).join('/')}`;
}
