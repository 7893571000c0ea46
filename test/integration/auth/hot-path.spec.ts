import { AuthenticationGuard } from '../../../src/gateway/auth/authentication.guard.js';
import { KEY, startAuthSetup, statusOf, type AuthSetup } from './setup.js';

let setup: AuthSetup;
afterEach(() => setup?.close());

it('with the facts in memory the guard answers at once, fresh or stale, and asks nobody', async () => {
  setup = await startAuthSetup();
  setup.auth.know(KEY, { valid: true, allowed_ips: null });
  const guard = setup.gateway.app.get(AuthenticationGuard, { strict: false });
  const answers: string[] = [];
  const canActivate = guard.canActivate.bind(guard);
  guard.canActivate = (execution) => {
    const answer = canActivate(execution);
    answers.push(typeof answer);
    return answer;
  };
  for (let n = 0; n < 3; n++) expect(await statusOf(setup.gateway)).toBe(200);
  setup.clock.advance(310_000);
  expect(await statusOf(setup.gateway)).toBe(200);
  expect(answers).toEqual(['object', 'boolean', 'boolean', 'boolean']);
});

it('a public route is not looked at', async () => {
  setup = await startAuthSetup();
  const response = await fetch(`${setup.gateway.url}/health`, { headers: { authorization: 'Bearer' } });
  expect(response.status).toBe(200);
  expect(setup.auth.requests).toEqual([]);
});

it('an event is logged for a validation and for every refusal, and none for what memory answers', async () => {
  setup = await startAuthSetup();
  setup.auth.know(KEY, { valid: true, key_id: 'k1', user_id: 'u1', allowed_ips: null });
  for (let n = 0; n < 3; n++) await statusOf(setup.gateway);
  for (let n = 0; n < 2; n++) await statusOf(setup.gateway, 'a-bad-key');
  expect(setup.gateway.logs.of('auth_succeeded')).toMatchObject([{ key_id: 'k1', user_id: 'u1' }]);
  expect(setup.gateway.logs.of('auth_refused')).toMatchObject([{ reason: 'refused' }, { reason: 'refused' }]);
  expect(setup.gateway.logs.of('request').map((line) => line['auth_cache'])).toEqual([
    'miss',
    'fresh',
    'fresh',
    'miss',
    'negative',
  ]);
});
