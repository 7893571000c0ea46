import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { Public } from '../../platform/route-access/public.decorator.js';
import { attachContext, RequestContext } from '../../platform/request/request-context.js';
import { ServerConfig } from '../../platform/config/server.config.js';
import { Registry } from 'prom-client';
import { JsonLogger } from '../../platform/logging/logger.js';
import { AccessConfig } from '../config/access.config.js';
import { AuthConfig } from '../config/auth.config.js';
import { MlflowConfig } from '../config/mlflow.config.js';
import { AccessGuard } from './access.guard.js';
import { AccessMetrics } from './access.metrics.js';
import type { Shadow } from './shadow/shadow.js';
import { ScopeGate } from './scopes/scope-gate.js';
import type { Grants } from '../../contracts/access/grants.js';
import { keyFacts } from '../../../test/support/lib/key-facts.js';
import { setPrincipal, type CredentialSource } from '../principal/principal.js';

class Routes {
  guarded(): void {}
  @Public('a test')
  open(): void {}
}

const LOGGER = new JsonLogger('silent');

interface Case {
  method?: string;
  url?: string;
  headers?: Record<string, string>;
  scopes?: string[] | null;
  grants?: Grants;
  source?: CredentialSource;
  principal?: boolean;
  handler?: () => void;
  auth?: Partial<AuthConfig>;
  access?: Partial<AccessConfig>;
  mlflow?: Partial<MlflowConfig>;
}

function ask(given: Case): unknown {
  const metrics = new AccessMetrics(new Registry(), LOGGER);
  const gate = new ScopeGate(
    Object.assign(new AuthConfig(), given.auth),
    Object.assign(new AccessConfig(), given.access),
    Object.assign(new MlflowConfig(), given.mlflow),
    metrics,
  );
  const guard = new AccessGuard(new Reflector(), gate, new ServerConfig(), metrics, {
    passes: () => false,
  } as unknown as Shadow);
  const request = {
    method: given.method ?? 'GET',
    url: given.url ?? '/mlflow/x',
    headers: { host: 'gateway.example', ...given.headers },
    socket: { remoteAddress: '127.0.0.1' },
  } as unknown as IncomingMessage;
  attachContext(request, new RequestContext(request, 0, 0));
  if (given.principal !== false)
    setPrincipal(request, {
      facts: keyFacts({ scopes: given.scopes ?? null, grants: given.grants ?? null }),
      subject: 'key:digest',
      source: given.source ?? 'bearer',
    });
  const context = {
    getClass: () => Routes,
    getHandler: () => given.handler ?? Routes.prototype.guarded,
    getArgByIndex: () => request,
  } as unknown as ExecutionContext;
  try {
    return guard.canActivate(context);
  } catch (error) {
    return error;
  }
}

const ASSISTANT = '/mlflow/ajax-api/3.0/mlflow/assistant/message';
const RUN = '/mlflow/api/2.0/mlflow/runs/get';
const MODEL = '/mlflow/api/2.0/mlflow/registered-models/get';
const CROSS = { 'sec-fetch-site': 'cross-site' };

describe('the access guard', () => {
  it('lets a key without named scopes through, unless scopes are required', () => {
    expect(ask({ scopes: null })).toBe(true);
    expect(ask({ scopes: null, auth: { requireScopes: true } })).toMatchObject({
      problem: 'insufficient-scope',
    });
  });

  it('names the missing scope in words and in a challenge (RFC 6750)', () => {
    expect(ask({ url: RUN, scopes: ['model:read'] })).toMatchObject({
      problem: 'insufficient-scope',
      message:
        'The API key lacks a required scope: experiment:read. Ask your key administrator for a key with it, or with mlflow:access, which includes it.',
      headers: {
        'www-authenticate': 'Bearer realm="mlflow", error="insufficient_scope", scope="experiment:read"',
      },
    });
  });

  it('opens with a scope what the scope is for, and nothing beside it', () => {
    expect(ask({ url: RUN, scopes: ['experiment:read'] })).toBe(true);
    expect(ask({ url: RUN, method: 'HEAD', scopes: ['experiment:read'] })).toBe(true);
    expect(ask({ url: MODEL, scopes: ['experiment:read'] })).toMatchObject({ problem: 'insufficient-scope' });
    expect(ask({ url: MODEL, scopes: ['model:read'] })).toBe(true);
    expect(ask({ url: RUN, method: 'OPTIONS', scopes: ['trace:read'] })).toBe(true);
    expect(ask({ url: RUN, method: 'OPTIONS', scopes: [] })).toMatchObject({ problem: 'insufficient-scope' });
  });

  it('asks keys with grants for their scopes too, and refuses them calls that no table knows', () => {
    const grants: Grants = { experiments: [{ name: '*', level: 'manage' }] };
    expect(ask({ url: RUN, grants })).toBe(true);
    expect(ask({ url: RUN, grants, scopes: ['model:read'] })).toMatchObject({
      problem: 'insufficient-scope',
    });
    expect(ask({ url: '/mlflow/api/9.0/mlflow/new', grants })).toMatchObject({ problem: 'unknown-endpoint' });
    expect(ask({ url: '/mlflow/api/3.0/mlflow/mcp-servers//versions/1', grants })).toMatchObject({
      problem: 'ambiguous-path',
    });
  });

  it('opens MLflow to keys with grants alone where it is told so', () => {
    const auth = { requireGrants: true };
    expect(ask({ url: RUN, auth })).toMatchObject({ problem: 'grants-required' });
    expect(ask({ url: '/mlflow/health', auth, scopes: ['mlflow:read'] })).toMatchObject({
      problem: 'grants-required',
    });
    expect(ask({ url: RUN, auth, grants: {} })).toBe(true);
  });

  it('judges the path that MLflow will see', () => {
    const jobs = { method: 'POST', url: '/mlflow/api/3.0/jobs/', scopes: ['mlflow:manage'] };
    expect(ask(jobs)).toMatchObject({ problem: 'unknown-endpoint' });
    expect(ask({ ...jobs, mlflow: { apiDialect: 'ajax-api' } })).toMatchObject({
      problem: 'insufficient-scope',
    });
  });

  it('forwards what no table knows for keys with all of MLflow, unless that is turned off', () => {
    const url = '/mlflow/api/9.0/mlflow/new';
    expect(ask({ url })).toBe(true);
    expect(ask({ url, scopes: ['mlflow:manage', 'admin'] })).toMatchObject({ problem: 'unknown-endpoint' });
    expect(ask({ url, access: { unknownRoutes: 'deny' } })).toMatchObject({ problem: 'unknown-endpoint' });
    expect(ask({ url: '/mlflow/api/3.0/mlflow/mcp-servers//versions/1', scopes: ['mcp:*'] })).toMatchObject({
      problem: 'ambiguous-path',
    });
  });

  it('keeps administration from mlflow:access where it is told so', () => {
    const url = '/mlflow/api/2.0/mlflow/webhooks';
    const access = { accessIncludesAdmin: false };
    expect(ask({ url })).toBe(true);
    expect(ask({ url, access })).toMatchObject({ problem: 'insufficient-scope' });
    expect(ask({ url, access, scopes: ['mlflow:access', 'admin'] })).toBe(true);
    expect(ask({ url: RUN, access })).toBe(true);
  });

  it('refuses the assistant API without a challenge, until it is allowed', () => {
    expect(ask({ url: ASSISTANT })).toMatchObject({ problem: 'endpoint-forbidden', headers: {} });
    expect(ask({ url: ASSISTANT, mlflow: { allowAssistantApi: true } })).toBe(true);
  });

  it('asks for the scope before it speaks of anything else on the mount', () => {
    expect(ask({ url: ASSISTANT, scopes: [] })).toMatchObject({ problem: 'insufficient-scope' });
  });

  it('refuses cross-site requests that carry Basic, without a challenge', () => {
    expect(ask({ source: 'basic', headers: CROSS })).toMatchObject({
      problem: 'cross-site-request',
      headers: {},
    });
    expect(ask({ source: 'basic', headers: { origin: 'https://evil.example' } })).toMatchObject({
      problem: 'cross-site-request',
    });
    expect(ask({ source: 'basic', headers: { origin: 'https://gateway.example' } })).toBe(true);
  });

  it.each<CredentialSource>(['bearer', 'api-key-scheme', 'x-api-key', 'x-mlflow-authorization', 'query'])(
    'does not mind where a request with a key by %s comes from',
    (source) => {
      expect(ask({ source, headers: CROSS })).toBe(true);
    },
  );

  it('leaves public routes alone, and closes a guarded one that has no principal', () => {
    expect(ask({ principal: false, handler: Routes.prototype.open })).toBe(true);
    expect(ask({ principal: false })).toMatchObject({ problem: 'internal-error' });
  });
});
