import { All, Controller, Req } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Express, Request } from 'express';
import { ProblemError } from '../../lib/problem-error.js';
import { Public } from '../../platform/public.decorator.js';

interface Layer {
  match(path: string): boolean;
  route?: { path: string; methods: Record<string, boolean> };
}

const EVERYTHING = '{*path}';

/** What no route has taken: 405 where the path is known under other methods, else 404. Imported last. */
@Controller()
export class FallbackController {
  constructor(private readonly host: HttpAdapterHost) {}

  @All(EVERYTHING)
  @Public('says only which routes there are')
  answer(@Req() request: Request): never {
    const methods = this.methodsOf(request.path);
    if (methods.length > 0)
      throw new ProblemError('method-not-allowed', { headers: { allow: methods.join(', ') } });
    throw new ProblemError('endpoint-not-found', {
      message: 'No such endpoint on this server. Keys are served under /api/v1/keys.',
    });
  }

  private methodsOf(path: string): string[] {
    const { router } = this.host.httpAdapter.getInstance<Express>();
    const methods = new Set<string>();
    for (const layer of (router as unknown as { stack: Layer[] }).stack) {
      if (!layer.route || layer.route.path.endsWith(EVERYTHING) || !layer.match(path)) continue;
      for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase());
    }
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].sort();
  }
}
