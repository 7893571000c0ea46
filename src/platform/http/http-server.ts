import type { DynamicModule, INestApplication, NestApplicationOptions, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Registry } from 'prom-client';
import { HEADER_REQUEST_ID } from '../../contracts/http/headers.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import type { RequestTarget } from '../../lib/http/request-target.js';
import { Clock } from '../clock.js';
import { ServerConfig } from '../config/server.config.js';
import { cutterOf } from '../request/cut-answer.js';
import { enterConnection, leaveConnection, MAX_UNDER_WAY, readNothingBehind } from './connection-requests.js';
import { MAX_HEADERS, refuseEarly, tooManyOnConnection, type AskedDirectly } from './early-refusals.js';
import { ForwardedForNotice } from './forwarded-for-notice.js';
import { expressClasses } from './express-classes.js';
import { continueOnFirstRead } from './expect-continue.js';
import { listen, urlOf } from './listening.js';
import { Logger, NestLogger } from '../logging/logger.js';
import { sendProblem } from '../request/problem-response.js';
import { ProblemFilter } from '../request/problem.filter.js';
import { startOwnHeaders } from './own-headers.js';
import { attachContext, contextOf, notePeer, RequestContext } from '../request/request-context.js';
import { RequestLog } from '../observability/request-log.js';
import { ServerState } from './server-state.js';
import { Tracing } from '../tracing/tracing.js';
import { shutDown, type ShutdownLimits } from './shutdown.js';
import { SubtreeAdapter } from './subtree.adapter.js';
import { drainUnreadBody } from '../request/unread-body.js';
import { UnreadableRequests } from './unreadable-requests.js';
import { asksForUpgrade, refuseUpgrade } from './upgrade-requests.js';

/** Largest request line and headers together; MLflow itself shows no limit up to 100 KB. */
const MAX_HEADER_BYTES = 128 * 1024;
/**
 * Node measures the time for headers from the opening of the connection, and a balancer may open connections in
 * advance.
 */
const HEADERS_MARGIN_MS = 1000;
/** How often connections are looked at for requests that take too long to arrive. */
const CHECK_EVERY_MS = 5000;
/** Status in the log for a request that was cut by a shutdown. */
const CUT_STATUS = 503;

export interface RunningServer {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  readonly app: INestApplication;
  /** Refuses new work, finishes what is in flight, and resolves when all is closed. */
  close(limits?: ShutdownLimits): Promise<void>;
}

export interface HttpServerOptions {
  /** Whether queries are parsed for controllers; a proxy forwards them unchanged. */
  parseQuery?: boolean;
  /** Longest time that a request, its body too, may take to arrive; never on a proxy of large artifacts. */
  requestTimeoutMs?: number;
  /** This server's name in `Via`, in lower case: a request that already carries it is in a loop. */
  viaPseudonym?: string;
  /** Name of a target's route for metrics and the log, if a request ends before its controller sets it. */
  routeLabel?: (target: RequestTarget) => string;
  /** Routes that other programs call inside the network, even if `REQUIRE_HTTPS` is set. */
  askedDirectly?: AskedDirectly;
  /** Creates the application instead of NestFactory, so that a test can replace providers. */
  createApp?: CreateApp;
}

export type CreateApp = (
  root: Type | DynamicModule,
  adapter: ExpressAdapter,
  options: NestApplicationOptions,
) => Promise<INestApplication>;

/** Boots a program's root module on its own HTTP server. The only caller of NestFactory. */
export async function startHttpServer(
  root: Type | DynamicModule,
  logger: Logger,
  options: HttpServerOptions = {},
): Promise<RunningServer> {
  const instance = newExpress(options);
  const createApp: CreateApp = options.createApp ?? ((...args) => NestFactory.create(...args));
  const life: { state?: ServerState } = {};
  const classes = expressClasses(instance, () => life.state?.draining ?? false);
  const adapter = new SubtreeAdapter(instance);
  const app = await createApp(root, adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const filter = app.get(ProblemFilter);
  const answerError = (error: unknown, request: Request, response: Response, _next: NextFunction): void =>
    filter.answer(error, request, response);
  app.useGlobalFilters(filter);
  await app.init();
  instance.use(answerError);

  const config = app.get(ServerConfig);
  const state = app.get(ServerState);
  life.state = state;
  const handle = requestHandler(app, router(instance, adapter, filter), config, options);
  const server = createServer(
    {
      ...classes,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: config.keepAliveSeconds * 1000,
      // `refuseEarly` refuses these, because Node's own answer has no body and is not logged.
      requireHostHeader: false,
      shouldUpgradeCallback: refuseUpgrade,
      ...arrivalLimits(options.requestTimeoutMs ?? 0, config.keepAliveSeconds * 1000 + HEADERS_MARGIN_MS),
    },
    handle,
  );
  server.maxHeadersCount = MAX_HEADERS;
  server.on('connection', (socket: Socket) => {
    if (!notePeer(socket)) socket.destroy();
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    continueOnFirstRead(request, response);
    handle(request, response);
  });
  // Expectations other than `100-continue` may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', handle);
  server.on('clientError', new UnreadableRequests(app.get(Registry), logger).answer);
  const cutAnswers = cutterOf(server);
  await listen(server, config);
  state.serving();
  return {
    url: urlOf(server, config.host),
    app,
    close: (limits) => shutDown({ app, server, state, cutAnswers }, limits),
  };
}

function newExpress(options: HttpServerOptions): Express {
  const instance = express();
  instance.disable('x-powered-by');
  instance.set('etag', false);
  instance.set('query parser', options.parseQuery ? 'simple' : false);
  // Guards compare paths with their exact case: a route that matched in another case would be forwarded unguarded.
  instance.enable('case sensitive routing');
  return instance;
}

/** Node requires the time for headers to be at most the time for the whole request. */
function arrivalLimits(requestTimeoutMs: number, headersTimeoutMs: number): ServerOptions {
  if (requestTimeoutMs === 0) return { requestTimeout: 0, headersTimeout: headersTimeoutMs };
  return {
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, requestTimeoutMs),
  };
}

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Calls the handler directly if the path alone decides, otherwise Express's router. */
function router(instance: Express, adapter: SubtreeAdapter, filter: ProblemFilter): Handle {
  return (request, response) => {
    const handler = adapter.handlerFor(contextOf(request).target.rawPath);
    if (handler === undefined) instance(request, response);
    else
      void handler(request as Request, response as Response, (error?: unknown) =>
        filter.answer(
          error ?? new ProblemError('endpoint-not-found'),
          request as Request,
          response as Response,
        ),
      );
  };
}

function requestHandler(
  app: INestApplication,
  route: Handle,
  config: ServerConfig,
  options: HttpServerOptions,
): Handle {
  const clock = app.get(Clock);
  const log = app.get(RequestLog);
  const state = app.get(ServerState);
  const { begin } = app.get(Tracing);
  const forwardedFor = new ForwardedForNotice(config.trustedProxyHops, app.get(Logger), options);
  return (request, response) => {
    const context = new RequestContext(request, config.trustedProxyHops, clock.monotonicMs());
    attachContext(request, context);
    if (begin !== undefined) context.span = begin(request, context.requestId);
    forwardedFor.look(request, context.target.path);
    if (options.routeLabel) context.route = options.routeLabel(context.target);
    const underWay = enterConnection(request);
    state.requestBegan();
    response.on('close', () => {
      leaveConnection(request);
      if (state.requestEnded(response.writableFinished)) noteCut(context);
      drainUnreadBody(request);
      log.finished(request, response, context);
    });
    startOwnHeaders(response, [HEADER_REQUEST_ID, context.requestId]);
    if (asksForUpgrade(request)) response.shouldKeepAlive = false;

    if (underWay > MAX_UNDER_WAY) {
      // The first request over the limit is refused in its turn, and nothing after it is read or answered.
      if (underWay > MAX_UNDER_WAY + 1) return;
      readNothingBehind(request);
    }
    const refusal =
      underWay > MAX_UNDER_WAY ? tooManyOnConnection() : refuseEarly(request, context, config, options);
    if (refusal) {
      context.noteProblem(refusal);
      sendProblem(response, refusal, context.requestId);
      return;
    }
    route(request, response);
  };
}

/** For the log and the metrics: the server ended this request, not its client. */
function noteCut(context: RequestContext): void {
  if (context.problem === undefined)
    context.noteProblem(new ProblemError('not-ready', { reason: 'shutdown' }));
  context.cutStatus ??= CUT_STATUS;
}
