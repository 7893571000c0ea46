import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import type { Logger } from '../../../platform/logging/logger.js';
import { SealedTokens, type SealedClaims } from '../../../platform/browser/sealed-tokens.js';
import { AuthConfig } from '../../config/auth.config.js';
import { SessionConfig } from '../../config/session.config.js';
import { PageTokens } from './page-tokens.js';

const SECRET = 'a secret of the tests, of 32 characters';
const OLD = 'the secret before, also of 32 characters';

describe('a token of a filled page', () => {
  const clock = new ManualClock();
  const tokens = (...secrets: string[]): PageTokens =>
    new PageTokens(
      Object.assign(new AuthConfig(), { cacheHmacSecrets: secrets }),
      new SessionConfig(),
      clock,
      { warn: (event: string) => warnings.push(event) } as unknown as Logger,
    );
  let warnings: string[] = [];
  beforeEach(() => {
    warnings = [];
  });

  it('opens on every replica with the secret, and with the next one while both are known', async () => {
    const token = await tokens(SECRET).seal('experiments', 120);
    expect(await tokens(SECRET).open('experiments', token)).toBe(120);
    expect(await tokens('a new secret of the tests, of 32 letters', SECRET).open('experiments', token)).toBe(
      120,
    );
    expect(await tokens(OLD).open('experiments', token)).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('does not show its place', async () => {
    const token = await tokens(SECRET).seal('experiments', 120);
    const parts = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect(parts.join(' ')).not.toContain('120');
    expect((await tokens(SECRET).seal('experiments', 9000)).length).toBe(
      (await tokens(SECRET).seal('experiments', 8)).length,
    );
  });

  it('opens for its own search alone, and for a day', async () => {
    const one = tokens(SECRET);
    const token = await one.seal('experiments', 120);
    expect(await one.open('models', token)).toBeUndefined();
    expect(await one.open('experiments', 'eyJvZmZzZXQiOiAxfQ==')).toBeUndefined();
    clock.advance(24 * 3600 * 1000);
    expect(await one.open('experiments', token)).toBeUndefined();
  });

  it.each([
    ['search', { search: 7, at: '0000000000000120' }],
    ['place', { search: 'experiments', at: 120 }],
    ['place of that length', { search: 'experiments', at: '120' }],
  ])('does not open where what is sealed has no %s', async (_what, content) => {
    const purpose = 'mlflow-gateway:search-pages:v1';
    const sealer = new SealedTokens<SealedClaims>([SECRET], purpose, () => true, 1);
    const iat = Math.floor(clock.now() / 1000);
    const token = await sealer.seal({ jti: 'one', iat, exp: iat + 60, ...content });
    expect(await tokens(SECRET).open(content.search as string, token)).toBeUndefined();
  });

  it('opens only on its own replica without a secret, which is logged once', async () => {
    const one = tokens();
    const token = await one.seal('experiments', 1);
    expect(await one.open('experiments', token)).toBe(1);
    expect(await tokens().open('experiments', token)).toBeUndefined();
    await one.seal('experiments', 2);
    expect(warnings).toEqual(['search_tokens_not_shared']);
  });
});
