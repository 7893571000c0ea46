import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { Public } from '../../../platform/route-access/public.decorator.js';
import { assetFile } from './console-assets.js';
import { CONSOLE_ASSETS } from './console-paths.js';

/** Script and style of the console. The content behind a name never changes, so browsers may keep it forever. */
@Controller()
export class ConsoleAssetsController {
  @Get(`${CONSOLE_ASSETS}/:name`)
  @Public('files of the build, the same for everybody')
  send(@Param('name') name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    const file = assetFile(name);
    if (!file) throw new ProblemError('endpoint-not-found');
    const gzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const body = gzip ? file.gzipped : file.plain;
    const headers: Record<string, string | number> = {
      'content-type': file.type,
      'content-length': body.length,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      ...(gzip && { 'content-encoding': 'gzip' }),
    };
    for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}
