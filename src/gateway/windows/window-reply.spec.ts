import { readWindowReply } from './window-reply.js';

const NOW_MS = 1_700_000_000_000;
const HOUR = { name: 'hour', shape: { windowMs: 3_600_000, buckets: 120 }, limit: 100 };
const BURST = { name: 'burst', shape: { windowMs: 1000, buckets: 40 }, limit: 10 };
const HOUR_BUCKET = Math.floor(NOW_MS / 30_000);
const BURST_BUCKET = Math.floor(NOW_MS / 25);
const GOOD = [2, NOW_MS * 1000, 90, 3_000_000, HOUR_BUCKET, 8, 900, BURST_BUCKET];

const read = (reply: unknown): unknown => readWindowReply(reply, [HOUR, BURST], { want: 2 });
/** The good reply with other values in some places. */
const but = (values: Record<number, unknown>): unknown[] =>
  GOOD.map((value, i) => (i in values ? values[i] : value));

it('the reply of the script is read', () => {
  expect(read(GOOD)).toEqual({
    granted: 2,
    serverMs: NOW_MS,
    remaining: [90, 8],
    resetMs: [3_000_000, 900],
    buckets: [HOUR_BUCKET, BURST_BUCKET],
  });
});

it.each([
  ['one that came too late', [-1, NOW_MS * 1000]],
  ['a refusal by one window', but({ 0: 0, 5: 0 })],
  ['a part of what was wanted', but({ 0: 1, 2: 0 })],
])('so is %s', (_what, reply) => expect(() => read(reply)).not.toThrow());

it.each<[string, unknown]>([
  ['nothing', null],
  ['a text', 'OK'],
  ['a number', 0],
  ['no numbers', []],
  ['a number alone', [0]],
  ['texts', GOOD.map(String)],
  ['nulls', GOOD.map(() => null)],
  ['arrays', GOOD.map(() => [])],
  ['one window', GOOD.slice(0, 5)],
  ['three windows', [...GOOD, 1, 1, 1]],
  ['half a window', GOOD.slice(0, -1)],
  ['more than was wanted', but({ 0: 3 })],
  ['less than nothing', but({ 0: -2, 5: 0 })],
  ['a refusal where all windows have room', but({ 0: 0 })],
  ['a part where all windows have room', but({ 0: 1 })],
  ['windows, and the word that it came too late', but({ 0: -1 })],
  ['more room than the limit', but({ 5: 11 })],
  ['less room than none', but({ 0: 0, 5: -1 })],
  ['a wait of a year', but({ 0: 0, 5: 0, 6: 31_536_000_000 })],
  ['a wait that is over', but({ 6: -1 })],
  ['a bucket of another time', but({ 7: 1 })],
  ['no time', but({ 1: 0 })],
  ['a time before all', but({ 1: -1 })],
  ['a number beyond numbers', but({ 1: 2 ** 60 })],
  ['a fraction', but({ 2: 0.5 })],
])('%s is no reply of the script', (_what, reply) => expect(() => read(reply)).toThrow('cannot give'));
