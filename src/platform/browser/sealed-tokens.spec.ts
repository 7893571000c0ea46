import { SealedTokens, type SealedClaims } from './sealed-tokens.js';

interface Claims extends SealedClaims {
  readonly word: string;
}

const OLD = 'an old secret of the tests, of 32 characters';
const NEW = 'a new secret of the tests, of 32 characters';
const CLAIMS: Claims = { jti: 'j', iat: 1, exp: 2, word: 'hk_live_secret-word' };

function tokens(secrets: string[], purpose = 'tests'): SealedTokens<Claims> {
  return new SealedTokens<Claims>(secrets, purpose, ({ word }) => typeof word === 'string', 10);
}

describe('a sealed token', () => {
  it('opens for a holder of its secret, and is as long as a cookie may be', async () => {
    const token = await tokens([NEW]).seal(CLAIMS);
    expect(await tokens([NEW]).open(token)).toEqual(CLAIMS);
    expect(token.length).toBeLessThan(400);
  });

  it('shows nothing of what it holds', async () => {
    const token = await tokens([NEW]).seal(CLAIMS);
    const readable = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect([token, ...readable].join(' ')).not.toContain('secret-word');
  });

  it('opens while its secret is in the list, and not after', async () => {
    const token = await tokens([OLD]).seal(CLAIMS);
    expect(await tokens([NEW, OLD]).open(token)).toEqual(CLAIMS);
    expect(await tokens([NEW]).open(token)).toBeUndefined();
    expect(await tokens([OLD]).open(await tokens([NEW, OLD]).seal(CLAIMS))).toBeUndefined();
  });

  it('opens for its own purpose alone', async () => {
    const token = await tokens([NEW], 'another purpose').seal(CLAIMS);
    expect(await tokens([NEW]).open(token)).toBeUndefined();
  });

  it('does not open with any one character changed, left out or added', async () => {
    const sealed = tokens([NEW]);
    const token = await sealed.seal(CLAIMS);
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect([at, await sealed.open(token.slice(0, at) + other + token.slice(at + 1))]).toEqual([
        at,
        undefined,
      ]);
      expect([at, await sealed.open(token.slice(0, at) + token.slice(at + 1))]).toEqual([at, undefined]);
    }
    // Also with those bits of a last digit changed that stand for nothing.
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const digit of last.replace(token.at(-1) as string, ''))
      expect(await sealed.open(token.slice(0, -1) + digit)).toBeUndefined();
    expect(await sealed.open(`${token}A`)).toBeUndefined();
    expect(await sealed.open(token)).toEqual(CLAIMS);
  });

  it.each(['', '.', '....', 'a.b.c.d.e', 'eyJhbGciOiJub25lIn0..', 'x'.repeat(5000)])(
    'is nothing else: %.20s',
    async (text) => {
      expect(await tokens([NEW]).open(text)).toBeUndefined();
    },
  );

  it('does not open where members are missing', async () => {
    const { word: _word, ...incomplete } = CLAIMS;
    expect(await tokens([NEW]).open(await tokens([NEW]).seal(incomplete as Claims))).toBeUndefined();
  });

  it('is opened once, and then known at once; at most so many are held', async () => {
    const sealed = tokens([NEW]);
    const token = await sealed.seal(CLAIMS);
    expect(sealed.open(token)).toBeInstanceOf(Promise);
    await sealed.open(token);
    expect(sealed.open(token)).toEqual(CLAIMS);
    for (let i = 0; i < 20; i++) await sealed.open(await sealed.seal({ ...CLAIMS, jti: String(i) }));
    expect(sealed.size).toBe(10);
  });
});
