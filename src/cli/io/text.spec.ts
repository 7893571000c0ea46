import { looksLikeKey, printable, redact } from './text.js';

const KEY = `hk_live_${'a1B2'.repeat(12)}`;

describe('redact', () => {
  it.each([
    [`error: unknown option '--api-key=${KEY}'`, `error: unknown option '--api-key=hk_live_…'`],
    [`${KEY} and hok_dev_${'x'.repeat(20)}`, 'hk_live_… and hok_dev_…'],
    ['nothing to hide', 'nothing to hide'],
  ])('takes every key out of %j', (text, shown) => {
    expect(redact(text)).toBe(shown);
  });
});

describe('looksLikeKey', () => {
  it.each([KEY, `hk_test_${'x'.repeat(32)}`, `hok_live_${'x'.repeat(16)}`])('knows %s as a key', (text) => {
    expect(looksLikeKey(text)).toBe(true);
  });

  it.each(['0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11', 'key_1', 'hk_live_short', ` ${KEY}`])(
    'does not take %j for one',
    (text) => {
      expect(looksLikeKey(text)).toBe(false);
    },
  );
});

describe('printable', () => {
  it('lets no name of a server move the cursor, clear the screen or set the title', () => {
    const shown = printable('a\u001b[2Jb\u0007c\u009b1Ad\re');
    // eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
    expect(shown).not.toMatch(/[\u0000-\u001f\u0080-\u009f]/);
    expect(shown).toContain('a\ufffd[2Jb');
  });

  it('keeps lines, tabs and all languages', () => {
    expect(printable('línea\t1\nзелёный 緑')).toBe('línea\t1\nзелёный 緑');
  });
});
