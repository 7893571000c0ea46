import { All, Controller, Inject, Next, Req, Res } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { createProxyMiddleware, type RequestHandler } from 'http-proxy-middleware';
import { MLFLOW_MOUNTS } from '../../contracts/http/routes.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import { contextOf } from '../../platform/request/request-context.js';
import { forwardPlanOf, type ComposedAnswer } from '../principal/forward-plan.js';
import { MlflowConfig } from '../config/mlflow.config.js';
import { UndiciTransport } from './undici.transport.js';

/**
 * Both mounts of MLflow, every method. It is a controller, so the gateway's guards run before it. What
 * http-proxy-middleware still does here: docs/decisions/0017-http-proxy-middleware-is-the-shell.md.
 */
@Controller([...MLFLOW_MOUNTS])
export class MlflowProxyController {
  private readonly proxy: RequestHandler;

  constructor(@Inject(MlflowConfig) config: MlflowConfig, transport: UndiciTransport) {
    this.proxy = createProxyMiddleware({
      target: new URL(config.serverUrl),
      // Guards have checked the path already. Without a path and a filter here it is not parsed again.
      pathFilter: '',
      // The default ones answer faults with texts of their own.
      ejectPlugins: true,
      plugins: [transport.plugin],
    });
  }

  @All(['', '{*path}'])
  forward(@Req() request: Request, @Res() response: Response, @Next() next: NextFunction): void {
    const context = contextOf(request);
    const { rawPath, rawQuery } = context.target;
    if (mountOf(rawPath) === rawPath) {
      // MLflow's UI refers to everything relatively: below a path without its slash all of it would be missing.
      response.writeHead(308, {
        location: `${rawPath}/${rawQuery}`,
        'cache-control': 'no-store',
        'content-length': 0,
      });
      response.end();
      return;
    }
    const answer = forwardPlanOf(request)?.answer;
    if (answer !== undefined) {
      sendComposed(response, answer);
      return;
    }
    // The transport reads the checked target; with a path http-proxy-middleware would parse it again.
    request.url = '';
    this.proxy(request, response, next).catch(next);
  }
}

/** Node leaves the body out by itself where HEAD was asked. */
function sendComposed(response: Response, { status, body }: ComposedAnswer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': body.length,
  });
  response.end(body);
}
