import type { Route } from './route.js';

const readers = new WeakMap<Route, RegExp>();

/**
 * What stands in a path where the template of its route has parameters, by their names.
 *
 * @param path that the route was found for
 */
export function pathParameters(route: Route, path: string): Readonly<Record<string, string>> {
  if (!route.template.includes('{')) return {};
  let reader = readers.get(route);
  if (reader === undefined) readers.set(route, (reader = readerOf(route.template)));
  return { ...reader.exec(path)?.groups };
}

function readerOf(template: string): RegExp {
  const source = template
    .split(/(\{\w+(?::path)?\})/)
    .map((part) => {
      const name = /^\{(\w+)(:path)?\}$/.exec(part);
      if (name === null) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return name[2] === undefined ? `(?<${name[1]}>[^/]+)` : `(?<${name[1]}>[^]*)`;
    })
    .join('');
  return new RegExp(`^${source}$`);
}
