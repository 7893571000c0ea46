import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { keyFacts } from '../../../test/support/lib/key-facts.js';
import type { ProblemError } from '../../lib/http/problem-error.js';
import { attachContext, RequestContext } from '../../platform/request/request-context.js';
import { Public } from '../../platform/route-access/public.decorator.js';
import { principalOf } from '../principal/principal.js';
import type { AuthEvents } from './auth.events.js';
import { AuthenticationGuard } from './authentication.guard.js';
import type { Authenticator } from './credential/authenticator.js';
import type { Admitted, Refused, Verdict } from './credential/verdict.js';
import type { FailedAuthLimiter } from './failed-auth/failed-auth-limiter.js';
import { ManualClock } from '../../../test/support/lib/manual-clock.js';
import { RefusalFeed } from '../principal/refusal-feed.js';
import { Refusals } from './refusals.js';

class Routes {
  guarded(): void {}
  @Public('a test')
  open(): void {}
}

const ADMITTED: Admitted = {
  kind: 'admitted',
  principal: { facts: keyFacts({ userId: 'u1' }), subject: 'token:someone', source: 'bearer' },
  lookup: 'fresh',
};
const REFUSED: Refused = {
  kind: 'refused',
  refusal: { problem: 'key-forbidden', reason: 'a-reason', counted: true },
  facts: keyFacts({ keyId: 'k2' }),
};

let request: IncomingMessage;
let context: RequestContext;
let asked: string[];
let counted: number;
let events: string[];

beforeEach(() => {
  request = { url: '/', headers: {}, socket: { remoteAddress: '192.0.2.1' } } as unknown as IncomingMessage;
  context = new RequestContext(request, 0, 0);
  attachContext(request, context);
  asked = [];
  counted = 0;
  events = [];
});

type Answer = Verdict | Promise<Verdict> | undefined;

function guardWith(answers: Record<string, Answer>, handler = Routes.prototype.guarded): () => unknown {
  const list = Object.entries(answers).map(([name, answer]): Authenticator => {
    return { authenticate: () => (asked.push(name), answer) };
  });
  const heard = {
    succeeded: () => events.push('succeeded'),
    refused: (_context: RequestContext, reason: string) => events.push(reason),
  } as unknown as AuthEvents;
  const limiter = { countRefusal: () => counted++ } as unknown as FailedAuthLimiter;
  const guard = new AuthenticationGuard(
    new Reflector(),
    list,
    new Refusals(limiter, heard, new RefusalFeed(new ManualClock())),
    heard,
  );
  const execution = {
    getClass: () => Routes,
    getHandler: () => handler,
    getArgByIndex: () => request,
  } as unknown as ExecutionContext;
  return () => guard.canActivate(execution);
}

const problemOf = (ask: () => unknown): string => {
  try {
    return String(ask());
  } catch (error) {
    return (error as ProblemError).problem;
  }
};

it('the first authenticator that is responsible decides, and those after it are not asked', () => {
  expect(guardWith({ first: undefined, second: ADMITTED, third: REFUSED })()).toBe(true);
  expect(asked).toEqual(['first', 'second']);
  expect(principalOf(request)).toBe(ADMITTED.principal);
});

it('a refusal is final: no later authenticator lets the request in', () => {
  expect(problemOf(guardWith({ first: REFUSED, second: ADMITTED }))).toBe('key-forbidden');
  expect(asked).toEqual(['first']);
  expect(principalOf(request)).toBeUndefined();
});

it.each([{}, { one: undefined, two: undefined }])('nobody responsible: no credential came', (answers) => {
  expect(problemOf(guardWith(answers))).toBe('api-key-required');
});

it('a verdict that is known at once does not become a promise', () => {
  expect(guardWith({ one: ADMITTED })()).toBe(true);
});

it('a verdict that takes time is waited for, and decides as one at once does', async () => {
  const lookedUp = { ...ADMITTED, lookup: 'miss' } as const;
  await expect(guardWith({ one: Promise.resolve(lookedUp) })()).resolves.toBe(true);
  expect(principalOf(request)).toBe(ADMITTED.principal);
  expect(events).toEqual(['succeeded']);
  await expect(guardWith({ one: Promise.resolve(REFUSED) })()).rejects.toMatchObject({
    problem: 'key-forbidden',
  });
});

it('a refusal is counted and logged once, with the key that it is about', () => {
  problemOf(guardWith({ one: REFUSED }));
  expect([counted, events]).toEqual([1, ['a-reason']]);
  expect(context.fields.values).toMatchObject({ key_id: 'k2' });
});

it('the log is told who was admitted and how the key was known', () => {
  guardWith({ one: ADMITTED })();
  expect(context.fields.values).toEqual({ key_id: 'k1', user_id: 'u1', auth_cache: 'fresh' });
  expect(events).toEqual([]);
});

it('on a public route nobody is asked', () => {
  expect(guardWith({ one: REFUSED }, Routes.prototype.open)()).toBe(true);
  expect(asked).toEqual([]);
});
