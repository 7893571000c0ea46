import { jest } from '@jest/globals';
import { slowly } from './say.mjs';

describe('the progress of a slow step', () => {
  let said: string;
  let heard: () => void = () => undefined;

  beforeEach(() => {
    said = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text);
      heard();
      return true;
    });
  });

  afterEach(() => jest.restoreAllMocks());

  /** Work that goes on until this has been said. */
  const until = (pattern: RegExp) => (): Promise<string> =>
    new Promise((resolve) => (heard = () => pattern.test(said) && resolve('result')));

  it('is its name, signs of life, and how long it took', async () => {
    await expect(slowly('Installing', until(/(… \d+ s\n.*){2}/s), { everyMs: 1 })).resolves.toBe('result');
    expect(said).toMatch(/^Installing …\n( {2}… 0 s\n){2,} {2}done in 0\.\d s\n$/);
  });

  it('has a hint, once, where a step takes longer than usual', async () => {
    const late = { everyMs: 1, usualSeconds: 0.001, hint: 'See the log.' };
    await slowly('Installing', until(/longer than usual.*(… \d+ s\n.*){2}/s), late);
    expect(said.match(/… 0 s, longer than usual\. See the log\.\n/g)).toHaveLength(1);
  });

  it('is told by its name where two go on at the same time', async () => {
    const both = [
      slowly('Installing one (a minute)', until(/two: done/), { everyMs: 1 }),
      slowly('Installing two', async () => undefined, { everyMs: 1 }),
    ];
    await Promise.all(both);
    expect(said).toMatch(/^Installing one \(a minute\) …\nInstalling two …\n/);
    expect(said).toMatch(/^ {2}Installing two: done in 0\.\d s$/m);
    expect(said).toMatch(/^ {2}Installing one: done in 0\.\d s$/m);
  });

  it('says nothing of an end where the step fails', async () => {
    await expect(slowly('Installing', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(said).toBe('Installing …\n');
  });
});
