import { seededRandom } from '../../support/lib/random.js';

it('the same seed gives the same numbers in [0, 1), another seed others', () => {
  const numbers = (seed: number): number[] => Array.from({ length: 1000 }, seededRandom(seed));
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(8)).not.toEqual(numbers(7));
  for (const number of numbers(7)) expect(number >= 0 && number < 1).toBe(true);
});
