import { Controller, Get, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendPage } from '../../platform/browser/page-response.js';
import { contextOf } from '../../platform/request/request-context.js';
import { Public } from '../../platform/route-access/public.decorator.js';
import { NeedsNoScope } from '../access/no-scope.decorator.js';
import { principalOf } from '../principal/principal.js';
import { remainingOf } from '../rate-limit/rate-limit-headers.js';
import { BrowserSessions } from './browser-sessions.js';
import { sessionPage } from './pages/session.page.js';
import { textsFor } from './pages/languages.js';
import { ROUTE_SESSION, ROUTE_SESSION_SCRIPT } from './session-paths.js';
import { sessionScript } from './session-script.js';

const SHOWN_OF_KEY = 12;
const SCRIPT_HEADERS = {
  'content-type': 'text/javascript; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

/** What belongs to a session beside signing in and out. */
@Controller()
export class SessionController {
  constructor(private readonly sessions: BrowserSessions) {}

  /** For the owner of a key; guarded as MLflow itself is. */
  @Get(ROUTE_SESSION)
  @NeedsNoScope('shows the holder of a key what the key may do')
  async page(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    contextOf(request).route = 'browser';
    const principal = principalOf(request);
    if (!principal) throw new Error('no principal');
    const state = principal.source === 'session' ? await this.sessions.read(request) : undefined;
    const session = typeof state === 'object' ? state : undefined;
    sendPage(
      response,
      sessionPage({
        texts: textsFor(request.headers['accept-language']),
        facts: principal.facts,
        keyPrefix: session?.key.slice(0, SHOWN_OF_KEY),
        sessionEnds: session?.exp,
        hour: remainingOf(response, 'hour'),
        burst: remainingOf(response, 'burst'),
      }),
    );
  }

  /** The address holds a digest of the script and its language: browsers may keep it for good. */
  @Get(ROUTE_SESSION_SCRIPT)
  @Public('the same for everybody')
  script(@Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    const context = contextOf(request);
    context.route = 'browser';
    const query = new URLSearchParams(context.target.rawQuery);
    const { body, version } = sessionScript(textsFor(query.get('lang') ?? undefined));
    const isCurrent = query.get('v') === version;
    response.writeHead(200, {
      ...SCRIPT_HEADERS,
      'content-length': body.length,
      'cache-control': isCurrent ? 'private, max-age=31536000, immutable' : 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}
