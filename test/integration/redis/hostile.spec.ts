import { eventually } from '../../support/lib/eventually.js';
import { seededRandom } from '../../support/lib/random.js';
import { startHostileRedis, type HostileRedis } from './hostile-redis.js';
import { newLink } from './link.js';

type Link = ReturnType<typeof newLink>;

const get = ({ link }: Link): Promise<string | null> => link.run('get', (client) => client.get('a'));

/** What nobody caught ends the process, and fails the test that runs. */
describe('a Redis that answers with nonsense', () => {
  let redis: HostileRedis;
  let parts: Link;
  let heard: string[];
  beforeEach(async () => {
    redis = await startHostileRedis();
    parts = newLink(redis.url, { commandTimeoutMs: 500 });
    heard = [];
    parts.link.subscribe(
      'news',
      (message) => heard.push(message),
      () => undefined,
    );
    await eventually(() => parts.link.usable && parts.link.listening);
  });
  afterEach(async () => {
    await parts.close();
    await redis.close();
  });

  /** Once it answers as a Redis does, everything works as before. */
  async function heals(): Promise<void> {
    redis.answer = () => undefined;
    await eventually(
      async () => parts.link.usable && parts.link.listening && (await get(parts).catch(() => '')) === 'hello',
      { timeoutMs: 20_000, what: 'a link that works again' },
    );
    heard.length = 0;
    await eventually(() => {
      redis.push('*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n');
      return heard.includes('hi');
    });
  }

  it.each<[string, string]>([
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['a type that there is not', '%1\r\n+a\r\n+b\r\n'],
    ['a number that is none', ':1x\r\n'],
    ['a length that is none', '$-7\r\n'],
    ['a string that is longer than it says', '$2\r\nhello\r\n'],
    ['a string of half a gigabyte', `$536870912\r\n${'x'.repeat(1000)}`],
    ['an array of four thousand million', '*4294967296\r\n'],
    ['an array in an array, and so on', '*1\r\n'.repeat(10_000)],
    ['two answers', '$5\r\nhello\r\n$5\r\nhello\r\n'],
    ['three errors', '-ERR x\r\n-ERR y\r\n-ERR z\r\n'],
    ['a message of a channel', '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\nx\r\n'],
    ['an end of a subscription', '*3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:0\r\n'],
    ['an end of a sharded subscription', '*3\r\n$12\r\nsunsubscribe\r\n$4\r\nnews\r\n:0\r\n'],
    ['an empty array', '*0\r\n'],
    ['an array of a number', '*1\r\n:1\r\n'],
    ['no array', '*-1\r\n'],
  ])(
    'is a broken connection at most: %s',
    async (_what, bytes) => {
      redis.answer = () => bytes;
      await get(parts).catch(() => undefined);
      // The heartbeat of the subscription, too.
      redis.push(bytes);
      await get(parts).catch(() => undefined);
      await heals();
    },
    40_000,
  );

  it('and ends in the middle leaves nothing behind for the next connection', async () => {
    for (const bytes of ['$10\r\nhalf', '*2\r\n$5\r\nhello\r\n', ':12', '*3\r\n*1\r\n']) {
      const before = redis.connections;
      redis.answer = ([name]) => (name === 'GET' ? bytes : undefined);
      const lost = get(parts).catch(() => undefined);
      redis.push('%');
      await lost;
      await eventually(() => redis.connections > before);
      await heals();
    }
  }, 60_000);

  it.each([1, 2, 3])(
    'made by chance, seed %i, ends nothing either',
    async (seed) => {
      const next = seededRandom(seed);
      const below = (n: number): number => Math.floor(next() * n);
      const pieces = [
        '*',
        '$',
        ':',
        '+',
        '-',
        '\r\n',
        '\r',
        '1',
        '3',
        '-1',
        '99',
        'message',
        '$4\r\nnews\r\n',
        '\0',
      ];
      const nonsense = (): string =>
        Array.from({ length: 1 + below(12) }, () => pieces[below(pieces.length)]).join('');
      redis.answer = ([name]) => (next() < 0.3 && name === 'PING' ? undefined : nonsense());
      for (let i = 0; i < 150; i++) {
        const asked = Promise.allSettled([get(parts), get(parts)]);
        redis.push(nonsense());
        await asked;
        await new Promise((resolve) => setTimeout(resolve, below(20)));
      }
      await heals();
    },
    60_000,
  );
});
