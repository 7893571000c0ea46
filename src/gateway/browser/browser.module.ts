import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { HOUR_MS } from '../../lib/durations.js';
import { Clock } from '../../platform/clock.js';
import { Logger } from '../../platform/logging/logger.js';
import { REDIS_LINK } from '../../platform/platform.module.js';
import type { RedisLink } from '../../platform/redis/redis-link.js';
import { ProblemFilter } from '../../platform/request/problem.filter.js';
import { AccessModule } from '../access/access.module.js';
import { ScopeGate } from '../access/scopes/scope-gate.js';
import { Signer } from '../auth/shared-trust/signer.js';
import { AuthModule } from '../auth/auth.module.js';
import { SessionConfig } from '../config/session.config.js';
import { ANSWER_SHAPE } from '../mlflow-proxy/answers/answer-shape.js';
import { SessionAnswers } from './answers/session-answers.js';
import { BrowserEvents } from './browser.events.js';
import { BrowserSessions } from './browser-sessions.js';
import { EndedSessions } from './ended-sessions.js';
import { OwnRequests } from './own-requests.js';
import { SessionAuthenticator } from './session.authenticator.js';
import { SessionController } from './session.controller.js';
import { SessionProblems } from './session-problems.js';
import { SignInKeys } from './sign-in-keys.js';
import { SignInLimit } from './sign-in-limit.js';
import { SignInController } from './sign-in.controller.js';
import { SignOutController } from './sign-out.controller.js';

/** Sign-outs remembered one by one, each replica: about 100 bytes each. */
const MAX_ENDED = 100_000;

/** MLflow's own UI in a browser: sign-in by key, sessions, and what answers to them look like. */
@Global()
@Module({
  imports: [AccessModule, AuthModule],
  controllers: [SignInController, SignOutController, SessionController],
  providers: [
    BrowserEvents,
    BrowserSessions,
    OwnRequests,
    SessionAuthenticator,
    SessionProblems,
    SignInKeys,
    SignInLimit,
    {
      provide: EndedSessions,
      inject: [SessionConfig, REDIS_LINK, Clock, Logger],
      useFactory: (config: SessionConfig, link: RedisLink | null, clock: Clock, logger: Logger) =>
        new EndedSessions(config.hours * HOUR_MS, MAX_ENDED, link, new Signer(config.secrets), {
          clock,
          logger,
        }),
    },
    {
      provide: ANSWER_SHAPE,
      inject: [SessionConfig, ScopeGate],
      useFactory: (config: SessionConfig, scopes: ScopeGate) => new SessionAnswers(config, scopes),
    },
  ],
  exports: [SessionAuthenticator, ANSWER_SHAPE],
})
export class BrowserModule implements OnModuleInit {
  constructor(
    private readonly filter: ProblemFilter,
    private readonly problems: SessionProblems,
    private readonly sessions: BrowserSessions,
    private readonly ended: EndedSessions,
    private readonly events: BrowserEvents,
  ) {}

  onModuleInit(): void {
    this.filter.answerFirst((problem, request, response) => this.problems.answer(problem, request, response));
    this.events.gauge(
      'browser_sessions_opened',
      'Sessions held open in memory',
      () => this.sessions.openedCount,
    );
    this.events.gauge('browser_sessions_ended', 'Sign-outs remembered', () => this.ended.size);
  }
}
