import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorName } from '../../contracts/errors/error-codes.js';
import { readForm } from '../../platform/browser/form-body.js';
import { sendPage, sendSeeOther } from '../../platform/browser/page-response.js';
import { placeOf } from '../../platform/browser/session-cookie.js';
import { contextOf } from '../../platform/request/request-context.js';
import { Public } from '../../platform/route-access/public.decorator.js';
import type { Refusal } from '../auth/credential/verdict.js';
import { Refusals } from '../auth/refusals.js';
import { keyLogFields } from '../principal/key-log-fields.js';
import { BrowserSessions } from './browser-sessions.js';
import { BrowserEvents } from './browser.events.js';
import { OwnRequests } from './own-requests.js';
import { signInPage } from './pages/sign-in.page.js';
import { textsFor } from './pages/languages.js';
import type { SignInReason } from './pages/texts.js';
import { ROUTE_SIGN_IN, safeNext } from './session-paths.js';
import { SignInKeys } from './sign-in-keys.js';

/** A key of 1,024 characters, percent-encoded, and a place to go to. */
const MAX_BODY_BYTES = 4096;
const MAX_WAIT_SECONDS = 3600;

const REASONS: Partial<Record<ErrorName, SignInReason>> = {
  'invalid-api-key': 'refused',
  'malformed-credential': 'refused',
  'key-forbidden': 'forbidden',
  'address-not-allowed': 'address',
  'insufficient-scope': 'scope',
  'too-many-failed-attempts': 'limited',
};

const KNOWN_REASONS = new Set<string>([
  ...Object.values(REASONS),
  'ended',
  'unavailable',
  'too-often',
  'signed-out',
]);

/** The form that takes a key, and the session that begins with it. */
@Controller()
export class SignInController {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly keys: SignInKeys,
    private readonly refusals: Refusals,
    private readonly own: OwnRequests,
    private readonly events: BrowserEvents,
  ) {}

  @Get(ROUTE_SIGN_IN)
  @Public('the form that takes a key')
  form(@Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    const context = contextOf(request);
    context.route = 'browser';
    const query = new URLSearchParams(context.target.rawQuery);
    const why = query.get('why') ?? '';
    const seconds = Number(query.get('after'));
    sendPage(
      response,
      signInPage({
        texts: textsFor(request.headers['accept-language']),
        next: safeNext(query.get('next')),
        reason: !this.isPossible(request)
          ? 'https'
          : KNOWN_REASONS.has(why)
            ? (why as SignInReason)
            : undefined,
        seconds: Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_WAIT_SECONDS ? seconds : 0,
      }),
    );
  }

  /** Never answers with HTML: the back button and a reload would send the key again. */
  @Post(ROUTE_SIGN_IN)
  @Public('takes the key itself')
  async signIn(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    contextOf(request).route = 'browser';
    this.own.require(request);
    const form = await readForm(request, MAX_BODY_BYTES);
    const next = safeNext(form.get('next'));
    if (!this.isPossible(request)) return this.back(response, next, 'https');
    const key = form.get('key')?.trim() ?? '';
    const verdict = await this.keys.verdictOn(key, contextOf(request));
    if (verdict.kind === 'refused') return this.refuse(verdict.refusal, request, response, next);
    const { facts } = verdict.principal;
    if (!this.keys.mayBeginSession(verdict.principal)) {
      this.events.refused('rate-limited');
      return this.back(response, next, 'too-often');
    }
    const context = contextOf(request);
    context.fields = keyLogFields(facts, undefined);
    context.metered = false;
    const cookie = await this.sessions.begin(key, facts, placeOf(request));
    this.events.started(context);
    sendSeeOther(response, next, { 'set-cookie': cookie });
  }

  private refuse(refusal: Refusal, request: IncomingMessage, response: ServerResponse, next: string): void {
    const { problem } = this.refusals.of(refusal, contextOf(request));
    this.events.refused(problem);
    this.back(response, next, REASONS[problem] ?? 'unavailable', refusal.retryAfterSeconds);
  }

  private back(response: ServerResponse, next: string, why: SignInReason, retryAfterSeconds?: number): void {
    const query = new URLSearchParams({ why, next });
    if (why === 'limited' && retryAfterSeconds !== undefined)
      query.set('after', String(Math.ceil(retryAfterSeconds)));
    sendSeeOther(response, `${ROUTE_SIGN_IN}?${query.toString()}`);
  }

  private isPossible(request: IncomingMessage): boolean {
    return this.sessions.cookie.isPossible(placeOf(request));
  }
}
