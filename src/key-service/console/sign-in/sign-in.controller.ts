import { Controller, Get, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readForm } from '../../../platform/browser/form-body.js';
import { sendPage, sendSeeOther } from '../../../platform/browser/page-response.js';
import { Logger } from '../../../platform/logging/logger.js';
import { Public } from '../../../platform/route-access/public.decorator.js';
import { placeOf } from '../../../platform/browser/session-cookie.js';
import { contextOf } from '../../../platform/request/request-context.js';
import { AdminFailures } from '../../admin-auth/admin-failures.js';
import { CallerTokens } from '../../admin-auth/caller-tokens.js';
import { CONSOLE_SIGN_IN, CONSOLE_SIGN_OUT, safeConsoleNext } from '../frame/console-paths.js';
import { ConsoleSessions } from './console-sessions.js';
import { OwnPages } from './console.guard.js';
import { SIGN_IN_REASONS, signInPage, type SignInReason } from './sign-in.page.js';

const MAX_BODY_BYTES = 4096;

/** Signs in to the console and out of it. */
@Controller()
@UseGuards(OwnPages)
export class ConsoleSignInController {
  constructor(
    private readonly sessions: ConsoleSessions,
    private readonly callers: CallerTokens,
    private readonly failures: AdminFailures,
    private readonly logger: Logger,
  ) {}

  @Get(CONSOLE_SIGN_IN)
  @Public('the form that takes an admin token')
  form(@Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    const query = new URLSearchParams(contextOf(request).target.rawQuery);
    const why = query.get('why') ?? '';
    const known = Object.hasOwn(SIGN_IN_REASONS, why) ? (why as SignInReason) : undefined;
    const reason = this.sessions.cookie.isPossible(placeOf(request)) ? known : 'https';
    sendPage(response, signInPage(safeConsoleNext(query.get('next')), reason));
  }

  /** Never answers with HTML: the back button and a reload would send the token again. */
  @Post(CONSOLE_SIGN_IN)
  @Public('takes the admin token itself')
  async signIn(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const form = await readForm(request, MAX_BODY_BYTES);
    const next = safeConsoleNext(form.get('next'));
    const back = (why: SignInReason): void =>
      sendSeeOther(response, `${CONSOLE_SIGN_IN}?${new URLSearchParams({ why, next }).toString()}`);
    const place = placeOf(request);
    if (!this.sessions.cookie.isPossible(place)) return back('https');
    const { clientIp, requestId } = contextOf(request);
    const holder = this.callers.holderOf(form.get('token')?.trim() ?? '');
    if (holder) {
      const cookie = await this.sessions.begin(holder, place);
      this.logger.info('console_signed_in', {
        admin: holder.name,
        request_id: requestId,
        client_ip: clientIp,
      });
      return sendSeeOther(response, next, { 'set-cookie': cookie });
    }
    if (this.failures.retryAfterSeconds(clientIp) !== undefined) return back('limited');
    this.failures.failed(clientIp);
    this.logger.warn('admin_auth_failed', { request_id: requestId, client_ip: clientIp });
    back('refused');
  }

  @Post(CONSOLE_SIGN_OUT)
  @Public('ends the session whose cookie comes with it')
  async signOut(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const cookie = await this.sessions.end(request);
    sendSeeOther(response, `${CONSOLE_SIGN_IN}?why=signed-out`, { 'set-cookie': cookie });
  }
}
