import { fail, pass, skip, warn, type Check, type Finding } from '../checks/check.js';
import { jsonOf, summaryOf } from '../checks/http-probe.js';
import {
  ROUTE_HEALTH_DETAILED,
  ROUTE_HEALTH_READY,
  ROUTE_KEYS_VALIDATE,
  DETAIL_API_KEY_REQUIRED,
} from '../../sdk/index.js';
import { askAuthService } from '../verify/auth-service.checks.js';
import { bearer } from '../verify/verify-context.js';
import { faultOf } from '../checks/gateway-answer.js';
import { at, type DoctorContext, type Target } from './doctor-context.js';

/** How long balancers keep idle connections to what is behind them, by default: the server has to keep them longer. */
const BALANCERS = [
  { name: 'AWS ALB', idleSeconds: 60 },
  { name: 'nginx', idleSeconds: 60 },
  { name: 'Traefik', idleSeconds: 90 },
  { name: 'Caddy', idleSeconds: 120 },
  { name: 'Google Cloud', idleSeconds: 600 },
] as const;
const SHORTEST_IDLE_SECONDS = Math.min(...BALANCERS.map(({ idleSeconds }) => idleSeconds));

export function gatewayChecks(target: Target): Check<DoctorContext>[] {
  return [readiness(target), keepAlive(target), details(target)];
}

function readiness(target: Target): Check<DoctorContext> {
  return {
    name: 'gateway-ready',
    title: 'Gateway: readiness',
    async run({ probe }) {
      const expected = '200 from /health/ready';
      const answer = await probe.send(at(target, ROUTE_HEALTH_READY));
      if (answer.status === 200) return pass('200', expected);
      return answer.status === 503
        ? fail(
            'gateway-unhealthy',
            summaryOf(answer),
            expected,
            'It is stopping: repeat once its successor runs.',
          )
        : faultOf(answer, expected);
    },
  };
}

function keepAlive(target: Target): Check<DoctorContext> {
  return {
    name: 'gateway-keep-alive',
    title: 'Gateway: keep-alive time-out',
    async run({ probe }) {
      const expected = `more than ${SHORTEST_IDLE_SECONDS} s, and more than what stands in front waits`;
      const answer = await probe.send(at(target, ROUTE_HEALTH_READY));
      const text = /timeout=(\d+)/.exec(String(answer.headers['keep-alive']))?.[1];
      if (text === undefined) return skip('the answer does not tell; a proxy in front hides it', expected);
      return keepAliveFinding(Number(text), expected);
    },
  };
}

/** Which balancers a keep-alive time-out is long enough for: one that waits longer answers 502 at times. */
function keepAliveFinding(seconds: number, expected: string): Finding {
  const named = (list: readonly (typeof BALANCERS)[number][]): string =>
    list.map(({ name, idleSeconds }) => `${name} (${idleSeconds})`).join(', ');
  const enough = BALANCERS.filter(({ idleSeconds }) => idleSeconds < seconds);
  const tooShort = BALANCERS.filter(({ idleSeconds }) => idleSeconds >= seconds);
  if (enough.length === 0)
    return fail(
      'keep-alive-short',
      `${seconds} s`,
      expected,
      `A balancer in front will answer 502 at times: raise KEEP_ALIVE_SECONDS above its idle time-out. ${named(tooShort)}. ` +
        'If it is set, something between here and the gateway has a shorter one.',
    );
  const rest = tooShort.length === 0 ? '' : `; behind ${named(tooShort)} raise KEEP_ALIVE_SECONDS above that`;
  return pass(`${seconds} s, longer than ${named(enough)}${rest}`, expected);
}

/** The gateway's own view of its parts; its token is not the key service's, which is never sent here. */
function details(target: Target): Check<DoctorContext> {
  return {
    name: 'gateway-parts',
    title: 'Gateway: parts',
    async run({ probe, env }) {
      const expected = 'all parts up in /health/detailed';
      const token = env['GATEWAY_ADMIN_TOKEN']?.split(',')[0]?.trim();
      if (!token) return skip('GATEWAY_ADMIN_TOKEN is not set', expected);
      const answer = await probe.send(at(target, ROUTE_HEALTH_DETAILED), { headers: bearer(token) });
      if (answer.status !== 200) return warn(summaryOf(answer), expected, 'Check GATEWAY_ADMIN_TOKEN.');
      const parts = (jsonOf(answer)?.['parts'] ?? {}) as Record<string, { status?: string }>;
      const seen = Object.entries(parts).map(([name, part]) => `${name} ${part.status}`);
      const down = Object.entries(parts).find(([, part]) => part.status === 'down');
      if (!down) return pass(seen.join(', ') || 'up', expected);
      const fault = /redis/.test(down[0]) ? 'redis-down' : 'gateway-unhealthy';
      return fail(fault, seen.join(', '), expected, `Look at ${down[0]}, and at the log of the gateway.`);
    },
  };
}

export function authServiceChecks(target: Target): Check<DoctorContext>[] {
  return [
    {
      name: 'auth-service-contracts',
      title: 'Auth service: validation contracts',
      async run(context) {
        const expected = `a verdict under one contract or both, or "${DETAIL_API_KEY_REQUIRED}" without a key`;
        const authServiceUrl = at(target, '');
        if (context.apiKey === undefined) return withoutKey(context, authServiceUrl, expected);
        const asked = { ...context, apiKey: context.apiKey, authServiceUrl };
        const [header, body] = [await askAuthService(asked, 'header'), await askAuthService(asked, 'body')];
        const seen = `header: ${header.seen}; body: ${body.seen}`;
        const kinds = [header.kind, body.kind];
        if (kinds.includes('valid')) return pass(seen, expected);
        if (kinds.includes('refused'))
          return fail('key-refused', seen, expected, 'The key is not valid; "hokusai verify" tells more.');
        return fail(
          'contract-mismatch',
          seen,
          expected,
          'Check HOKUSAI_AUTH_SERVICE_URL and the version of the service.',
        );
      },
    },
  ];
}

async function withoutKey({ probe, serviceId }: DoctorContext, url: string, expected: string) {
  const answer = await probe.send(url + ROUTE_KEYS_VALIDATE, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ service_id: serviceId }),
  });
  if ([400, 401, 422].includes(answer.status)) return pass(summaryOf(answer), expected);
  return fail(
    'auth-service-unreachable',
    summaryOf(answer),
    expected,
    'HOKUSAI_AUTH_SERVICE_URL does not lead to an auth service: it does not validate.',
  );
}
