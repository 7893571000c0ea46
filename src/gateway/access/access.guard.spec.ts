import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { Public } from '../../platform/route-access/public.decorator.js';
import { attachContext, RequestContext } from '../../platform/request/request-context.js';
import { ServerConfig } from '../../platform/config/server.config.js';
import { AuthConfig } from '../config/auth.config.js';
import { MlflowConfig } from '../config/mlflow.config.js';
import { AccessGuard } from './access.guard.js';
import { setPrincipal, type CredentialSource } from '../principal/principal.js';

class Routes {
  guarded(): void {}
  @Public('a test')
  open(): void {}
}

interface Case {
  url?: string;
  headers?: Record<string, string>;
  scopes?: string[] | null;
  source?: CredentialSource;
  principal?: boolean;
  handler?: () => void;
  auth?: Partial<AuthConfig>;
  mlflow?: Partial<MlflowConfig>;
}

function ask(given: Case): unknown {
  const guard = new AccessGuard(
    new Reflector(),
    Object.assign(new AuthConfig(), given.auth),
    Object.assign(new MlflowConfig(), given.mlflow),
    new ServerConfig(),
  );
  const request = {
    url: given.url ?? '/mlflow/x',
    headers: { host: 'gateway.example', ...given.headers },
    socket: { remoteAddress: '127.0.0.1' },
  } as unknown as IncomingMessage;
  attachContext(request, new RequestContext(request, 0, 0));
  if (given.principal !== false)
    setPrincipal(request, {
      facts: { scopes: given.scopes === undefined ? null : given.scopes } as never,
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
const CROSS = { 'sec-fetch-site': 'cross-site' };

describe('the access guard', () => {
  it('lets a key without named scopes through, unless scopes are required', () => {
    expect(ask({ scopes: null })).toBe(true);
    expect(ask({ scopes: null, auth: { requireScopes: true } })).toMatchObject({
      problem: 'insufficient-scope',
    });
  });

  it('names the missing scope in a challenge (RFC 6750)', () => {
    expect(ask({ scopes: ['model:read'] })).toMatchObject({
      problem: 'insufficient-scope',
      headers: {
        'www-authenticate': 'Bearer realm="mlflow", error="insufficient_scope", scope="mlflow:access"',
      },
    });
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
