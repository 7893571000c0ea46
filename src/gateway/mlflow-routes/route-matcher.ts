import type { Route } from './route.js';
import { overlap, segmentsOf, toExpression } from './route-templates.js';

/** One segment further: a literal beats a parameter, and a parameter beats a tail. */
interface Node {
  readonly literals: Map<string, Node>;
  /** Parameters with text behind them, such as `{name}:generateContent`. */
  readonly suffixed: { readonly suffix: string; readonly node: Node }[];
  parameter: Node | undefined;
  tail: Route | undefined;
  route: Route | undefined;
}

interface MethodRoutes {
  /** Routes without parameters, by their whole path. */
  readonly exact: Map<string, Route>;
  readonly root: Node;
  /** Routes of the FastAPI application that no tree can tell apart, in the order in which it tries them. */
  readonly ordered: { readonly expression: RegExp; readonly start: string; readonly route: Route }[];
}

/**
 * Finds the route that MLflow's own routers dispatch a request to. Flask's router prefers literals to parameters and
 * parameters to tails, and backtracks if a choice has no match; FastAPI takes the first match in registration order.
 */
export class RouteMatcher {
  private readonly methods = new Map<string, MethodRoutes>();

  constructor(routes: readonly Route[]) {
    const expressions = routes.filter((route) => needsExpression(route, routes));
    for (const route of routes) if (!expressions.includes(route)) this.add(route);
    expressions.sort((one, other) => (one.fastapiOrder ?? Infinity) - (other.fastapiOrder ?? Infinity));
    for (const route of expressions)
      this.of(route.method).ordered.push({
        expression: toExpression(route.template),
        start: route.template.slice(0, route.template.indexOf('{') >>> 0),
        route,
      });
  }

  /**
   * @param method as the request has it; HEAD is served by what serves GET
   * @param path below the mount, decoded once, slashes collapsed
   */
  match(method: string, path: string): Route | undefined {
    const routes = this.methods.get(method === 'HEAD' ? 'GET' : method);
    if (routes === undefined) return undefined;
    const exact = routes.exact.get(path);
    if (exact !== undefined) return exact;
    const found = descend(routes.root, path, 1);
    if (found !== undefined) return found;
    for (const { expression, start, route } of routes.ordered)
      if (path.startsWith(start) && expression.test(path)) return route;
    // `$` of the expressions that FastAPI makes also matches before a line break at the end.
    if (path.endsWith('\n')) {
      const shorter = this.match(method, path.slice(0, -1));
      if (shorter?.fastapiOrder !== undefined) return shorter;
    }
    return undefined;
  }

  private of(method: string): MethodRoutes {
    let routes = this.methods.get(method);
    if (!routes) this.methods.set(method, (routes = { exact: new Map(), root: newNode(), ordered: [] }));
    return routes;
  }

  private add(route: Route): void {
    const { exact, root } = this.of(route.method);
    if (!route.template.includes('{')) {
      exact.set(route.template, route);
      return;
    }
    let node = root;
    for (const segment of segmentsOf(route.template)) {
      if (segment.kind === 'tail') {
        node.tail = route;
        return;
      }
      node =
        segment.kind === 'literal' ? literalChild(node, segment.text) : parameterChild(node, segment.suffix);
    }
    node.route = route;
  }
}

/** Whether a tail stands in its middle, or another route of FastAPI's takes some of the same paths: the order decides. */
function needsExpression(route: Route, routes: readonly Route[]): boolean {
  const segments = segmentsOf(route.template);
  if (segments.slice(0, -1).some(({ kind }) => kind === 'tail')) return true;
  if (route.fastapiOrder === undefined) return false;
  return routes.some(
    (other) =>
      other !== route &&
      other.fastapiOrder !== undefined &&
      other.method === route.method &&
      overlap(segments, segmentsOf(other.template)),
  );
}

function newNode(): Node {
  return { literals: new Map(), suffixed: [], parameter: undefined, tail: undefined, route: undefined };
}

function literalChild(node: Node, text: string): Node {
  let child = node.literals.get(text);
  if (!child) node.literals.set(text, (child = newNode()));
  return child;
}

function parameterChild(node: Node, suffix: string): Node {
  if (suffix === '') return (node.parameter ??= newNode());
  const known = node.suffixed.find((one) => one.suffix === suffix);
  if (known) return known.node;
  const child = newNode();
  node.suffixed.push({ suffix, node: child });
  return child;
}

/** @param start of the segment to look at, behind its slash; beyond the end where the path ended before */
function descend(node: Node, path: string, start: number): Route | undefined {
  if (start > path.length) return node.route;
  const slash = path.indexOf('/', start);
  const end = slash === -1 ? path.length : slash;
  const segment = path.slice(start, end);
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const found = descend(literal, path, end + 1);
    if (found !== undefined) return found;
  }
  if (start < end) {
    for (const { suffix, node: child } of node.suffixed)
      if (segment.length > suffix.length && segment.endsWith(suffix)) {
        const found = descend(child, path, end + 1);
        if (found !== undefined) return found;
      }
    if (node.parameter !== undefined) {
      const found = descend(node.parameter, path, end + 1);
      if (found !== undefined) return found;
    }
  }
  // FastAPI's tails may be empty, Flask's may not.
  const { tail } = node;
  return tail !== undefined && (start < path.length || tail.fastapiOrder !== undefined) ? tail : undefined;
}
