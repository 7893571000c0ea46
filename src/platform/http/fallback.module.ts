import { All, Controller, Inject, Module, Req, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, HttpAdapterHost, Reflector } from '@nestjs/core';
import type { Express, Request } from 'express';
import { ProblemError } from '../../lib/http/problem-error.js';
import { adminOnlyPaths } from '../route-access/admin-only-paths.js';
import { Public } from '../route-access/public.decorator.js';

/** Express has no public list of routes (docs/decisions/0018-private-parts-of-node-and-express.md). */
interface Layer {
  match(path: string): boolean;
  route?: { path: string; methods: Record<string, boolean> };
}

export interface FallbackOptions {
  /** The text of a 404, for a program to which the catalogue's text does not apply. */
  notFoundMessage?: string;
  /** Whether `@AdminOnly()` routes are answered with 404 for every method, because no admin token is configured. */
  hideAdminRoutes?: boolean;
}

const OPTIONS = Symbol('FallbackOptions');
const EVERYTHING = '{*path}';

/** Requests without a route: 405 if the path has a route for other methods, otherwise 404. */
@Controller()
class FallbackController {
  private hidden: ReadonlySet<string> | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(OPTIONS) private readonly options: FallbackOptions,
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
  ) {}

  @All(EVERYTHING)
  @Public('says only which routes there are')
  answer(@Req() request: Request): never {
    const methods = this.methodsOf(request.path);
    if (methods.length > 0)
      throw new ProblemError('method-not-allowed', { headers: { allow: methods.join(', ') } });
    const { notFoundMessage: message } = this.options;
    throw new ProblemError('endpoint-not-found', message === undefined ? {} : { message });
  }

  private methodsOf(path: string): string[] {
    const { router } = this.host.httpAdapter.getInstance<Express>();
    const methods = new Set<string>();
    this.hidden ??= new Set(
      this.options.hideAdminRoutes ? adminOnlyPaths(this.discovery, this.reflector) : [],
    );
    for (const layer of (router as unknown as { stack: Layer[] }).stack) {
      const { route } = layer;
      if (!route || route.path.endsWith(EVERYTHING) || !layer.match(path)) continue;
      if (this.hidden.has(route.path)) continue;
      for (const method of Object.keys(route.methods)) methods.add(method.toUpperCase());
    }
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].sort();
  }
}

/** Answers requests without a route. A program imports it last, because it matches every path. */
@Module({ imports: [DiscoveryModule], controllers: [FallbackController] })
export class FallbackModule {
  static with(options: FallbackOptions = {}): DynamicModule {
    return { module: FallbackModule, providers: [{ provide: OPTIONS, useValue: options }] };
  }
}
