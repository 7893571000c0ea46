import { parseBenchArguments } from './arguments.ts';

describe('the options of the bench', () => {
  it('measures quickly unless asked for everything', () => {
    expect(parseBenchArguments([])).toMatchObject({
      only: [],
      rounds: 3,
      seconds: 5,
      artifactBytes: 2 ** 30,
      distinctKeys: 100_000,
      storedKeys: 1_000_000,
      maxMinutes: 20,
      write: true,
      profile: false,
    });
    expect(parseBenchArguments(['--full'])).toMatchObject({
      artifactBytes: 5 * 2 ** 30,
      distinctKeys: 1_000_000,
      maxMinutes: 50,
    });
  });

  it('takes lists, and lets a number overrule --full', () => {
    expect(
      parseBenchArguments(['--only', 'cached,redis', '--full', '--gib', '0.5', '--no-write']),
    ).toMatchObject({
      only: ['cached', 'redis'],
      artifactBytes: 2 ** 29,
      write: false,
    });
  });

  it('refuses what it does not know', () => {
    expect(() => parseBenchArguments(['--round', '3'])).toThrow("Unknown option '--round'");
    expect(() => parseBenchArguments(['--rounds', 'many'])).toThrow('--rounds must be a number above 0');
  });
});
