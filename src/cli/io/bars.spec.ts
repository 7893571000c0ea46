import { bar, sparkline } from './bars.js';

it.each([
  [0, 10, ''],
  [10, 10, '████'],
  [5, 10, '██'],
  [1, 1000, '▏'],
  [3, 16, '▊'],
  [0, 0, ''],
])('%d of %d is the bar %j', (value, largest, text) => expect(bar(value, largest, 4)).toBe(text));

it('a line of columns has a blank for nothing and the highest for the largest', () => {
  expect(sparkline([0, 1, 4, 8])).toBe(' ▁▄█');
  expect(sparkline([0, 0])).toBe('  ');
  expect(sparkline([])).toBe('');
});
