import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendPage, sendSeeOther } from '../../platform/browser/page-response.js';
import { contextOf } from '../../platform/request/request-context.js';
import { Public } from '../../platform/route-access/public.decorator.js';
import { BrowserSessions } from './browser-sessions.js';
import { BrowserEvents } from './browser.events.js';
import { OwnRequests } from './own-requests.js';
import { signOutPage } from './pages/sign-out.page.js';
import { textsFor } from './pages/languages.js';
import { ROUTE_SIGN_IN, ROUTE_SIGN_OUT } from './session-paths.js';

/** Signs out of a session. */
@Controller()
export class SignOutController {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly own: OwnRequests,
    private readonly events: BrowserEvents,
  ) {}

  @Get(ROUTE_SIGN_OUT)
  @Public('asks only whether to sign out')
  question(@Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    contextOf(request).route = 'browser';
    sendPage(response, signOutPage(textsFor(request.headers['accept-language'])));
  }

  @Post(ROUTE_SIGN_OUT)
  @Public('ends the session whose cookie comes with it')
  async signOut(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const context = contextOf(request);
    context.route = 'browser';
    this.own.require(request);
    const { ended, cookie } = await this.sessions.end(request);
    if (ended) this.events.signedOut(context);
    if (request.headers['sec-fetch-mode'] === 'navigate' || request.headers.accept?.startsWith('text/html'))
      return sendSeeOther(response, `${ROUTE_SIGN_IN}?why=signed-out`, { 'set-cookie': cookie });
    // For a script, which looks at the status alone.
    response.writeHead(204, { 'set-cookie': cookie, 'cache-control': 'no-store' });
    response.end();
  }
}
