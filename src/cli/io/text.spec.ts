import { printable } from './text.js';

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
